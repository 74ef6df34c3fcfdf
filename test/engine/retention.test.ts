import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { containersOf, freshHosts, hostOf } from "../support/hosts.ts";
import { pinnedImage, pulled } from "../support/images.ts";

let lab: Lab;
let host: LabHost;
const images: Record<string, string> = {};
const VERSIONS = ["v1", "v2", "v3", "v4", "v5"];

beforeAll(async () => {
  lab = await freshHosts(2);
  host = hostOf(lab);
  for (const tag of VERSIONS) images[tag] = await pinnedImage(lab, tag);
});

/** `web v4`, youngest first; the one that runs in capitals. */
async function kept(on: LabHost): Promise<string[]> {
  const found = await containersOf(on);
  const own = found.filter(({ labels }) => labels.destination === "lab");
  return own.map(({ name, state }) => {
    const [, role, version] = /^shop-(\w+)-lab-(v\d)-/.exec(name) ?? [];
    const text = `${role} ${version}`;
    return state === "running" ? text.toUpperCase() : text;
  });
}

/** The versions whose image a host has. */
async function imagesOn(on: LabHost): Promise<string[]> {
  const there = (await on.docker.listImages()).flatMap(({ RepoDigests }) => RepoDigests ?? []);
  const digestOf = (version: string) => images[version]?.split("@")[1] ?? "";
  return VERSIONS.filter((version) => there.some((digest) => digest.endsWith(digestOf(version))));
}

describe("what is kept of the releases before", () => {
  let app: App;
  let staging: App;
  let strangers: { container: string; image: string };

  beforeAll(async () => {
    const { ref } = await lab.image("other", "v1", {}, { labels: { service: "other" } });
    const image = await pulled(lab, host, ref);
    const container = (await host.must(`docker create --name other-web-1 --label service=other --label role=web ${ref}`)).trim();
    strangers = { container, image };
    // The same versions of the same service for another destination, which is never deployed again.
    const [, second] = lab.hosts;
    const web = { hosts: addressesOf(lab.hosts.slice(0, 1)) };
    staging = await App.create(
      lab,
      { image: images.v1, servers: { web }, proxy: { app_port: 3000, host: "staging.example" } },
      {},
      "staging",
    );
    await staging.released();
    await staging.released({ image: images.v2 });
    const worker = { hosts: addressesOf(second === undefined ? [] : [second]), cmd: "/app worker" };
    app = await App.create(lab, {
      image: images.v1,
      retain_containers: 2,
      readiness_delay: 0,
      deploy_timeout: 10,
      drain_timeout: 5,
      servers: { web: { hosts: addressesOf(lab.hosts) }, worker },
    });
    for (const version of VERSIONS.slice(0, 4)) await app.released({ image: images[version] });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await staging[Symbol.asyncDispose]();
  });

  it("are the two that served last, per role and host", async () => {
    expect(await kept(host)).toEqual(["WEB V4", "web v3", "web v2"]);
    const second = await kept(hostOf(lab, 1));
    expect(second.filter((name) => /^web/i.test(name))).toEqual(["WEB V4", "web v3", "web v2"]);
    expect(second.filter((name) => /^worker/i.test(name))).toEqual(["WORKER V4", "worker v3", "worker v2"]);
    expect(await app.preview()).toBe("");
  });

  it("are their images, too, and no others, but where another destination has them", async () => {
    expect(await imagesOn(hostOf(lab, 1))).toEqual(["v2", "v3", "v4"]);
    expect(await imagesOn(host)).toEqual(["v1", "v2", "v3", "v4"]);
  });

  it("is nothing of another destination or service", async () => {
    const others = (await containersOf(host)).filter(({ labels }) => labels.destination === "staging");
    expect(others.map(({ name, state }) => [/-(v\d)-/.exec(name)?.[1], state])).toEqual([
      ["v2", "running"],
      ["v1", "exited"],
    ]);
    expect((await host.docker.getContainer(strangers.container).inspect()).State.Status).toBe("created");
    expect((await host.docker.getImage(strangers.image).inspect()).Id).toBe(strangers.image);
  });

  it("says in the preview what will go", async () => {
    const preview = await app.preview({ image: images.v5 });
    expect(preview).toMatch(/remove shop-web-lab-v2-[0-9a-f]{8} \(retired\)/);
    expect(preview).toMatch(/rollback to v4-[0-9a-f]{8} stays possible on all hosts/);
    app.configure({ image: images.v4 });
  });

  it("comes back without a pull, and then is the youngest", async () => {
    const { statuses } = await app.released({ image: images.v3 });
    expect(statuses.join("\n")).not.toContain("pull");
    expect((await kept(host)).sort()).toEqual(["WEB V3", "web v2", "web v4"]);
    expect(await app.preview()).toBe("");
    await app.released({ image: images.v5 });
    expect((await kept(host)).sort()).toEqual(["WEB V5", "web v3", "web v4"]);
  });

  it("keeps the one that a refused release would have replaced, and pulls nothing away from under it", async () => {
    const broken = await pinnedImage(lab, "broken", { EXIT_AT_BOOT: "1" });
    await app.refused({ image: broken });
    expect((await kept(host)).sort()).toEqual(["WEB V5", "web v3", "web v4"]);
    // What it has pulled goes when it is no longer wanted.
    const { changes } = await app.released({ image: images.v5 });
    expect(changes.map(({ what }) => what)).toEqual(["remove image", "remove image"]);
    expect((await kept(host)).sort()).toEqual(["WEB V5", "web v3", "web v4"]);
    expect(await app.preview()).toBe("");
  });

  it("gets less when less is wanted, at once", async () => {
    expect(await app.preview({ retain_containers: 1 })).toMatch(/remove shop-web-lab-v4-[0-9a-f]{8} \(retired\)/);
    await app.released();
    expect((await kept(host)).sort()).toEqual(["WEB V5", "web v3"]);
    expect(await imagesOn(hostOf(lab, 1))).toEqual(["v3", "v5"]);
    expect(await app.preview()).toBe("");
  });

  it("goes with the app, image by image; what others have stays and serves", async () => {
    await app.withdraw();
    expect(await kept(host)).toEqual([]);
    expect(await imagesOn(hostOf(lab, 1))).toEqual([]);
    expect(await imagesOn(host)).toEqual(["v1", "v2"]);
    expect((await host.docker.getImage(strangers.image).inspect()).Id).toBe(strangers.image);
    expect((await host.docker.getContainer(strangers.container).inspect()).State.Status).toBe("created");
    const load = await lab.load({ url: `http://${host.address}/`, host: "staging.example", rate: 20, limit: 1 });
    expect((await load.stop()).answers.map(({ body }) => body)).toEqual(["v2"]);
  });
});
