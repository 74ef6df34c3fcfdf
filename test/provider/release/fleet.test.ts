import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import { App } from "../../support/app.ts";
import { containersOf, freshHosts, hostOf } from "../../support/hosts.ts";
import { pinnedImage, pulled } from "../../support/images.ts";
import { answerOf, expectNobodyFailed, visited } from "../../support/visitors.ts";

const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";

describe("an app on two hosts", () => {
  let lab: Lab;
  let app: App;
  let first: LabHost;
  let second: LabHost;
  let image: string;

  beforeAll(async () => {
    lab = await freshHosts(2);
    [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    image = await pinnedImage(lab, "v1");
    app = await App.create(lab, { image });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const routes = () => Promise.all([first, second].map((host) => host.must(`cat ${STATE_FILE}`)));
  const containers = () => Promise.all([first, second].map((host) => containersOf(host)));

  it("is switched nowhere when the new version breaks on one of them", async () => {
    const [routed, running] = [await routes(), await containers()];
    // The second host mounts another program over the app's, and that one does not serve.
    const other = (await lab.image("other", "v1")).ref;
    await pulled(lab, first, other);
    await Promise.all(
      [`${other} /app`, `${PROXY_IMAGE} /usr/local/bin/kamal-proxy`].map(async (source, at) => {
        const [from, program] = source.split(" ");
        await hostOf(lab, at).must(`mkdir -p /srv/shop && id=$(docker create ${from} x) && docker cp $id:${program} /srv/shop/app
          docker rm $id`);
      }),
    );
    const broken = { image: await pinnedImage(lab, "v2"), volumes: ["/srv/shop/app:/app:ro"] };
    const attempt = await visited(lab, ["v1"], () => app.refused(broken));

    const { error } = attempt.result;
    expect(error).toMatch(new RegExp(`^shop v2-[0-9a-f]{8} was not released: ${second.name}: the container exited with code 0`));
    expect(error).toMatch(new RegExp(`serves now: v1-[0-9a-f]{8} on ${first.name}, ${second.name}\\. Nothing was switched`));
    expectNobodyFailed(attempt);
    expect(await routes()).toEqual(routed);
    expect(await containers()).toEqual(running);
    await Promise.all([first, second].map((host) => host.must("rm -r /srv/shop")));
    await app.released({ image, volumes: undefined });
    expect(await containers()).toEqual(running);
  });

  it("goes back to the old version everywhere when one proxy refuses the switch after the other has made it", async () => {
    const running = await containers();
    app.around = async ({ what, host }, run) => {
      if (host === second.name && what === "start container") await second.must("docker pause kamal-proxy");
      return run();
    };
    const v2 = await pinnedImage(lab, "v2");
    const attempt = await visited(lab, ["v1", "v2"], () => app.refused({ image: v2, deploy_timeout: 5 }), [first]);
    app.around = (_change, run) => run();
    await second.must("docker unpause kamal-proxy");

    const { error } = attempt.result;
    expect(error).toMatch(new RegExp(`was not released: ${second.name}: kamal-proxy did not switch shop-web-`));
    expect(error).toMatch(new RegExp(`serves now: v1-[0-9a-f]{8} on .*${first.name}: switched back; candidates`));
    expectNobodyFailed(attempt);
    expect(await containers()).toEqual(running);
    await app.released({ image, deploy_timeout: undefined });
    expect(await Promise.all([first, second].map((host) => answerOf(host)))).toEqual(["v1", "v1"]);
  });

  it("is replaced on both by one run, and no visitor of either notices", async () => {
    const v3 = await pinnedImage(lab, "v3");
    expectNobodyFailed(await visited(lab, ["v1", "v3"], () => app.released({ image: v3 })));
    expect(await Promise.all([first, second].map((host) => answerOf(host)))).toEqual(["v3", "v3"]);
  });
});
