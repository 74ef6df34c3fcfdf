import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { PROXY_IMAGE } from "../../lab/proxy.ts";
import { addressesOf, LabStack } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { pulled } from "../support/images.ts";
import { expectNothingSeen } from "../support/look.ts";
import { done, expectNothingToDo, mutationsDuring, refused, update } from "../support/outcome.ts";
import { answerOf, expectNobodyFailed, visited } from "../support/visitors.ts";

const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";

describe("an app on two hosts", () => {
  let lab: Lab;
  let stack: LabStack;
  let first: LabHost;
  let second: LabHost;
  let image: string;

  beforeAll(async () => {
    lab = await freshHosts(2);
    [first, second] = [hostOf(lab, 0), hostOf(lab, 1)];
    image = (await lab.image("shop", "v1")).ref;
    stack = await LabStack.create(lab, { image });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const routes = () => Promise.all([first, second].map((host) => host.must(`cat ${STATE_FILE}`)));
  const containers = () => Promise.all([first, second].map((host) => containersOf(host)));

  it("is switched nowhere when the new version breaks on one of them", async () => {
    const [routed, running] = [await routes(), await containers()];
    // The program that the new version mounts is another one on the second host, which does not serve.
    const other = (await lab.image("other", "v1")).ref;
    await pulled(lab, first, other);
    await Promise.all(
      [`${other} /app`, `${PROXY_IMAGE} /usr/local/bin/kamal-proxy`].map(async (source, at) => {
        const [from, program] = source.split(" ");
        await hostOf(lab, at).must(`mkdir -p /srv/shop && id=$(docker create ${from} x) && docker cp $id:${program} /srv/shop/app
          docker rm $id`);
      }),
    );
    await stack.configure({ image: (await lab.image("shop", "v2")).ref, volumes: ["/srv/shop/app:/app:ro"] });
    const attempt = await visited(lab, ["v1"], () => refused(update(stack)));

    expect(attempt.result.output).toMatch(
      new RegExp(`shop v2-[0-9a-f]{8} was not released: ${second.name}: the container exited with code 0`),
    );
    expect(attempt.result.output).toMatch(
      new RegExp(`serves now: v1-[0-9a-f]{8} on ${first.name}, ${second.name}\\. Nothing was switched`),
    );
    expectNobodyFailed(attempt);
    expect(await routes()).toEqual(routed);
    expect(await containers()).toEqual(running);
    await Promise.all([first, second].map((host) => host.must("rm -r /srv/shop")));
    await stack.configure({ image, volumes: undefined });
    await done(update(stack));
    expect(await containers()).toEqual(running);
  });

  it("goes back to the old version everywhere when one proxy refuses the switch after the other has made it", async () => {
    const running = await containers();
    // Slow to boot, so that the proxy is gone between the look at it and the switch.
    await stack.configure({ image: (await lab.image("shop", "v2", { BOOT_DELAY_MS: "2000" })).ref });
    const attempt = await visited(
      lab,
      ["v1", "v2"],
      async () => {
        const attempted = stack.launch(["up", "--yes", "--skip-preview"]);
        await attempted.saw("healthy 0/2");
        await second.must("docker pause kamal-proxy");
        return refused(attempted.done);
      },
      [first],
    );
    await second.must("docker unpause kamal-proxy");

    expect(attempt.result.output).toMatch(new RegExp(`was not released: ${second.name}: kamal-proxy did not switch shop-web-`));
    expect(attempt.result.output).toMatch(new RegExp(`serves now: v1-[0-9a-f]{8} on .*${first.name}: switched back; candidates`));
    expectNobodyFailed(attempt);
    expect(await containers()).toEqual(running);
    await stack.configure({ image });
    await done(update(stack));
    expect(await Promise.all([first, second].map((host) => answerOf(host)))).toEqual(["v1", "v1"]);
  });

  it("leaves the host that is taken out of the config by the same up, and the other one is not touched", async () => {
    await stack.configure({ servers: { web: { hosts: addressesOf([first]) } } });
    const mutations = await mutationsDuring([first], () => done(stack.up()));
    expect(mutations).toEqual({ [first.name]: [] });
    expect(await containersOf(second)).toEqual([]);
    expect(await second.docker.listContainers({ all: true })).toEqual([]);
    expect((await second.docker.listNetworks()).map(({ Name }) => Name).sort()).toEqual(["bridge", "host", "none"]);
    expect(await answerOf(first)).toBe("v1");
    await expectNothingSeen(lab, stack);
  });

  it("comes to a host that is added, and the other one is not touched", async () => {
    // The proxy's image went with the proxy; a host elsewhere would pull it.
    await second.ensureProxyImages();
    await stack.configure({ servers: { web: { hosts: addressesOf([first, second]) } } });
    const mutations = await mutationsDuring([first], () => done(stack.up()));
    expect(mutations).toEqual({ [first.name]: [] });
    expect(await answerOf(second)).toBe("v1");
    expect((await liveOf(second)).name).toBe((await liveOf(first)).name);
    await expectNothingToDo(stack);
  });

  it("is replaced on both by one up, and no visitor of either notices", async () => {
    await stack.configure({ image: (await lab.image("shop", "v3")).ref });
    const swap = await visited(lab, ["v1", "v3"], () => done(update(stack)));
    expectNobodyFailed(swap);
    expect(await Promise.all([first, second].map((host) => answerOf(host)))).toEqual(["v3", "v3"]);
  });
});
