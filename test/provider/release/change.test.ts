import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { answerOf, expectNobodyFailed, visited } from "../../support/visitors.ts";

const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";

describe("a change of the config alone", () => {
  let lab: Lab;
  let host: LabHost;
  let app: App;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    const env = { clear: { RATE_LIMIT: "10" }, secret: ["TOKEN"] };
    app = await App.create(lab, { image: await pinnedImage(lab, "v1"), env }, { TOKEN: "a-token" });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("to a clear value replaces the container, and the plan names the variable", async () => {
    const before = await liveOf(host);
    const preview = await app.preview({ env: { clear: { RATE_LIMIT: "20" }, secret: ["TOKEN"] } });
    expect(preview).toMatch(/^release v1-[0-9a-f]{8} {2}\(was v1-[0-9a-f]{8}\).*env: ~RATE_LIMIT$/m);
    expectNobodyFailed(await visited(lab, ["v1"], () => app.released()));
    expect((await liveOf(host)).name).not.toBe(before.name);
    const env = JSON.parse(await answerOf(host, "/env")) as Record<string, string>;
    expect(env).toMatchObject({ RATE_LIMIT: "20", TOKEN: "a-token" });
  });

  it("to a proxy option sets the route in place: same container, and no visitor notices", async () => {
    const before = await liveOf(host);
    const preview = await app.preview({ proxy: { app_port: 3000, response_timeout: 12 } });
    expect(preview).toContain(`set the route shop-web-lab → ${before.name}   gap 0 s`);
    const mutations = await mutationsDuring([host], async () => {
      expectNobodyFailed(
        await visited(lab, ["v1"], async (visitors) => {
          await app.released();
          await visitors.more(20);
        }),
      );
    });
    expect(mutations).toEqual(nothingOn([host]));
    expect((await liveOf(host)).id).toBe(before.id);
    expect(await host.must(`cat ${STATE_FILE}`)).toContain('"response_timeout":12000000000');
    expect(await app.preview()).toBe("");
  });
});
