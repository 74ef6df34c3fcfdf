import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Slot } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { App } from "../../support/app.ts";
import { byHand, freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { Proxied } from "../../support/proxied.ts";
import { answerOf } from "../../support/visitors.ts";

const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";

describe("a manual change to the proxy is in the preview, and the next run repairs it", () => {
  let lab: Lab;
  let host: LabHost;
  let app: App;
  let proxy: Proxied;
  let slot: Slot;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    slot = `${host.name}/web`;
    app = await App.create(lab, { image: await pinnedImage(lab, "v1") });
    await app.released();
    proxy = new Proxied(lab, host);
  });
  afterAll(() => app[Symbol.asyncDispose]());
  // The next test needs a healthy host, whatever this one left.
  afterEach(({ task }) => (task.result?.state === "fail" ? repair() : undefined));

  /** As one run does: the proxy first, then the release. */
  const repair = async (): Promise<void> => {
    await proxy.converge();
    await app.released();
  };

  /** Reading changes nothing. */
  const preview = async () => {
    let seen = { status: "", plan: "", route: "" };
    const mutations = await mutationsDuring([host], async () => {
      const release = await app.read();
      const route = release.found === "drift" ? release.inputs.routes[slot] : undefined;
      seen = { ...(await proxy.preview()), route: route ?? "" };
    });
    expect(mutations).toEqual(nothingOn([host]));
    return seen;
  };

  const repaired = async (): Promise<void> => {
    await repair();
    expect(await answerOf(host)).toBe("v1");
    expect((await liveOf(host)).name).toMatch(/^shop-web-lab-v1-/);
    expect((await proxy.preview()).plan).toBe("");
    expect(await app.preview()).toBe("");
  };

  it("when it was stopped", async () => {
    await byHand(host, "docker stop kamal-proxy");
    const { status, plan } = await preview();
    expect(status).toMatch(/^stopped with code \d+$/);
    expect(plan).toMatch(/start kamal-proxy, found stopped with code \d+ \(drift\) {3}was down/);
    await repaired();
  });

  it("when it was stopped with a state file that was cut short: it starts without any route", async () => {
    await byHand(host, `docker stop kamal-proxy && truncate --size 40 ${STATE_FILE}`);
    expect((await preview()).plan).toMatch(/start kamal-proxy, found stopped with code \d+ \(drift\) {3}was down/);
    await repaired();
  });

  it("when it was removed", async () => {
    await byHand(host, "docker rm --force kamal-proxy");
    const { status, plan, route } = await preview();
    expect(status).toBe("missing");
    expect(plan).toMatch(/kamal-proxy found missing \(drift\) · run kamal-proxy/);
    expect(route).toBe("kamal-proxy missing");
    await repaired();
  });

  it("when it was removed with its volume", async () => {
    await byHand(host, "docker rm --force kamal-proxy && docker volume rm kamal-proxy-config");
    expect((await preview()).status).toBe("missing");
    await repaired();
  });

  it("is pulled by the digest that its tag means, and keeps the name with the tag, by which Kamal knows its version", async () => {
    const { server } = lab.registry;
    // Another test may have left it.
    await host.sh(`docker rmi ${server}/basecamp/kamal-proxy:v0.9.2`);
    const { digest } = await new Proxied(lab, host, server).converge();
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const inspected = await host.must(
      "docker inspect --format '{{.Config.Image}} {{.Image}}' kamal-proxy && docker image inspect --format '{{.Id}} {{.RepoDigests}}' $(docker inspect --format '{{.Image}}' kamal-proxy)",
    );
    const [container = "", image = ""] = inspected.trim().split("\n");
    expect(container).toMatch(new RegExp(`^${server}/basecamp/kamal-proxy:v0\\.9\\.2 `));
    expect(image).toContain(`${server}/basecamp/kamal-proxy@${digest}`);
    expect(container.split(" ")[1]).toBe(image.split(" ")[0]);
    await repaired();
  });
});
