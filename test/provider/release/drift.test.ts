import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Slot } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf } from "../../../lab/stack.ts";
import { App } from "../../support/app.ts";
import { byHand, freshHosts, hostOf, liveOf } from "../../support/hosts.ts";
import { pinnedImage } from "../../support/images.ts";
import { mutationsDuring, nothingOn } from "../../support/outcome.ts";
import { answerOf } from "../../support/visitors.ts";

const MEGABYTE = 1024 * 1024;
const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";
const DECLARED_ROUTE = "http://* → port 3000";

let lab: Lab;
let host: LabHost;
let slot: Slot;
beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  slot = `${host.name}/web`;
});

describe("a manual change to a release is in the preview, and the next run repairs it", () => {
  let app: App;
  beforeAll(async () => {
    app = await App.create(lab, {
      image: await pinnedImage(lab, "v1"),
      servers: { web: { hosts: addressesOf([host]), options: { memory: "256m" } } },
    });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());
  // The next test needs a healthy host, whatever this one left.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await app.released();
  });

  /** The plan, and what really runs in the slot. Reading changes nothing. */
  const preview = async () => {
    let seen = { plan: "", container: "", route: "" };
    const mutations = await mutationsDuring([host], async () => {
      const reading = await app.read();
      const found = reading.found === "drift" ? reading.inputs : undefined;
      seen = {
        plan: await app.preview(),
        container: found?.containers[slot] ?? "",
        route: found?.routes[slot] ?? "",
      };
    });
    expect(mutations).toEqual(nothingOn([host]));
    const declared = await app.inputs();
    expect(declared.containers[slot]).toMatch(/^v1-[0-9a-f]{8}$/);
    expect(declared.routes[slot]).toBe(DECLARED_ROUTE);
    return seen;
  };

  const repaired = async (): Promise<void> => {
    await app.released();
    expect(await answerOf(host)).toBe("v1");
    expect((await liveOf(host)).name).toMatch(/^shop-web-lab-v1-/);
    expect(await app.preview()).toBe("");
  };

  it("when a container was removed", async () => {
    await byHand(host, `docker rm --force ${(await liveOf(host)).name}`);
    const { plan, container } = await preview();
    expect(container).toBe("missing");
    expect(plan).toMatch(new RegExp(`${host.name}  found missing \\(drift\\) · start shop-web-lab-v1-.* was down`));
    await repaired();
  });

  it("when the proxy lost its routes", async () => {
    await byHand(host, `docker stop kamal-proxy && rm ${STATE_FILE} && docker start kamal-proxy`);
    const before = await liveOf(host);
    expect((await preview()).route).toBe("missing");
    await repaired();
    expect((await liveOf(host)).id).toBe(before.id);
  });

  it("when a route was removed", async () => {
    await byHand(host, "docker exec kamal-proxy kamal-proxy remove shop-web-lab");
    const before = await liveOf(host);
    const { plan, route } = await preview();
    expect(route).toBe("missing");
    expect(plan).toMatch(new RegExp(`${host.name}  .*set the route shop-web-lab → ${before.name}   was down`));
    await repaired();
    expect((await liveOf(host)).id).toBe(before.id);
  });

  it("when a route was given another option", async () => {
    const before = await liveOf(host);
    const target = `${before.id.slice(0, 12)}:3000`;
    const asOurs = "--buffer-requests --buffer-responses --forward-headers --health-check-interval=1s";
    await byHand(
      host,
      `docker exec kamal-proxy kamal-proxy deploy shop-web-lab --target=${target} ${asOurs} --target-timeout=7s`,
    );
    expect((await preview()).route).toMatch(/^edited: .*responseTimeout/);
    await repaired();
    expect((await liveOf(host)).id).toBe(before.id);
    expect(await host.must(`cat ${STATE_FILE}`)).toContain('"response_timeout":30000000000');
  });

  it("when memory and restart policy of a container were edited, without a swap", async () => {
    const before = await liveOf(host);
    await byHand(host, `docker update --memory 64m --memory-swap 128m --restart no ${before.name}`);
    const edits = "restart no → unless-stopped, memory 64 MB → 256 MB";
    expect((await preview()).container).toMatch(new RegExp(`^v1-[0-9a-f]{8}, edited: ${edits}$`));
    await repaired();
    expect((await liveOf(host)).id).toBe(before.id);
    const { HostConfig } = await host.docker.getContainer(before.id).inspect();
    expect(HostConfig).toMatchObject({ Memory: 256 * MEGABYTE, RestartPolicy: { Name: "unless-stopped" } });
  });

  it("but not when a full disk cut the proxy's state file short: the proxy is asked to write it again", async () => {
    const whole = await host.must(`cat ${STATE_FILE}`);
    await byHand(host, `truncate --size 40 ${STATE_FILE}`);
    expect(await app.preview()).toBe("");
    expect(await host.must(`cat ${STATE_FILE}`)).toBe(whole);
  });
});

describe("limits that were set by hand on a container without any", () => {
  it("are named in the preview and removed by the next run, without a swap", async () => {
    await using app = await App.create(lab, { image: await pinnedImage(lab, "v1") });
    await app.released();
    const before = await liveOf(host);
    await host.must(`docker update --memory 64m --memory-swap 128m --cpus 0.5 ${before.name}`);
    const reading = await app.read();
    const found = reading.found === "drift" ? reading.inputs.containers[slot] : reading.found;
    expect(found).toMatch(/^v1-[0-9a-f]{8}, edited: memory 64 MB → no limit, cpus 0\.5 → no limit$/);
    await app.released();
    expect((await liveOf(host)).id).toBe(before.id);
    const { HostConfig } = await host.docker.getContainer(before.id).inspect();
    const { MemTotal, NCPU } = await host.docker.info();
    expect(HostConfig.Memory).toBeGreaterThanOrEqual(MemTotal);
    expect(HostConfig.NanoCpus).toBe(NCPU * 1e9);
    expect(await app.preview()).toBe("");
  });
});
