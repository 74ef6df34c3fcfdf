import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Entry } from "../../lab/bundle.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { runningOn } from "../support/moments.ts";
import { expectNobodyFailed, visited } from "../support/visitors.ts";

/** What a build of that version puts into the image: files named by their content, a hidden one, one that keeps its name, a folder. */
const assetsOf = (version: string): Entry[] => [
  { name: "assets/", mode: 0o755 },
  { name: "assets/manifest.json", mode: 0o644, content: version },
  { name: `assets/app-${version}.js`, mode: 0o644, content: `script of ${version}` },
  { name: "assets/.vite/", mode: 0o755 },
  { name: `assets/.vite/map-${version}`, mode: 0o644, content: `map of ${version}` },
  { name: `assets/.hidden-${version}`, mode: 0o644, content: `hidden of ${version}` },
  // More than any pipe between two copies holds.
  { name: `assets/film-${version}`, mode: 0o644, content: Buffer.alloc(4_000_000, version) },
];
const namesOf = (version: string) => [`app-${version}.js`, `.vite/map-${version}`, `.hidden-${version}`];

let lab: Lab;
let host: LabHost;
const images: Record<string, string> = {};

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  for (const tag of ["v1", "v2", "v3", "v4"])
    images[tag] = await pinnedImage(lab, `assets-${tag}`, { VERSION: tag }, { files: assetsOf(tag) });
});

/** What a container itself answers. @param id of the container */
async function asked(id: string, path: string): Promise<string> {
  const { NetworkSettings } = await host.docker.getContainer(id).inspect();
  const address = NetworkSettings.Networks.kamal?.IPAddress;
  const request = `GET /assets/${path} HTTP/1.0\\r\\n\\r\\n`;
  const answer = await host.must(`exec 3<>/dev/tcp/${address}/3000; printf '${request}' >&3; timeout 5 cat <&3`);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return `${head.split(" ")[1]} ${body}`;
}

const askedAll = (id: string, paths: readonly string[]) => Promise.all(paths.map((path) => asked(id, path)));
const answersOf = (version: string) => ["script", "map", "hidden"].map((what) => `200 ${what} of ${version}`);

/** Loads pages of a version over and over: every file of it must come, whichever version answers. */
async function missedDuring(version: string, work: () => Promise<unknown>): Promise<string[]> {
  const loads = await Promise.all(
    namesOf(version).map((path) =>
      lab.load({
        url: `http://${host.address}/assets/${path}`,
        rate: 40,
        expect: (status, body) => status === 200 && body.endsWith(`of ${version}`),
      }),
    ),
  );
  const [worked] = await Promise.allSettled([work()]);
  const seen = await Promise.all(loads.map((load) => load.stop()));
  if (worked.status === "rejected") throw worked.reason;
  return seen.flatMap(({ failures }) => failures.map(({ reason }) => reason));
}

const volumes = async () =>
  (await host.must("docker volume ls --quiet --filter label=slipway.assets")).split("\n").filter(Boolean).sort();
const anonymous = async () =>
  (await host.must("docker volume ls --quiet | grep -E '^[0-9a-f]{64}$' || true")).split("\n").filter(Boolean);

describe("the assets of an app", () => {
  let app: App;
  beforeAll(async () => {
    app = await App.create(lab, {
      image: images.v1,
      asset_path: "/assets",
      retain_containers: 1,
      deploy_timeout: 10,
      drain_timeout: 5,
    });
    await app.released();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it("are in a volume of their release, filled from an image that has nothing but the app, and cannot be written", async () => {
    const { id } = await liveOf(host);
    expect(await askedAll(id, namesOf("v1"))).toEqual(answersOf("v1"));
    const { Mounts } = await host.docker.getContainer(id).inspect();
    expect(Mounts).toMatchObject([{ Type: "volume", Destination: "/assets", RW: false }]);
    expect(await volumes()).toEqual([expect.stringMatching(/^shop-web-lab-assets-assets-v1-[0-9a-f]{8}$/)]);
    expect(await app.preview()).toBe("");
  });

  it("of both versions are served during the swap and after it, by the old container and the new one", async () => {
    const old = await liveOf(host);
    let between: string[] = [];
    app.around = async (change, run) => {
      const result = await run();
      // Both run, and the requests go from the one to the other.
      if (change.what.startsWith("kamal-proxy deploy")) between = await askedAll(old.id, [...namesOf("v1"), ...namesOf("v2")]);
      return result;
    };
    const missed = await missedDuring("v1", async () => {
      expectNobodyFailed(await visited(lab, ["v1", "v2"], () => app.released({ image: images.v2 })));
    });
    app.around = (_change, run) => run();
    expect(missed).toEqual([]);
    expect(between).toEqual([...answersOf("v1"), ...answersOf("v2")]);
    const { id } = await liveOf(host);
    expect(await askedAll(id, [...namesOf("v1"), ...namesOf("v2")])).toEqual([...answersOf("v1"), ...answersOf("v2")]);
    expect(await app.preview()).toBe("");
  });

  it("that have the same name are each version's own", async () => {
    expect(await asked((await liveOf(host)).id, "manifest.json")).toBe("200 v2");
    const old = (await containersOf(host)).find(({ name }) => name.includes("-v1-"));
    expect(await host.must(`docker cp ${old?.id}:/assets/manifest.json - | tar -xO`)).toBe("v1");
  });

  it("go with the last container of their release, and nothing of the copying stays", async () => {
    await app.released({ image: images.v3 });
    expect((await volumes()).map((name) => /v\d/.exec(name)?.[0])).toEqual(["v2", "v3"]);
    expect(await anonymous()).toEqual([]);
    expect((await containersOf(host)).map(({ state }) => state)).toEqual(["running", "exited"]);
    expect(await askedAll((await liveOf(host)).id, namesOf("v2"))).toEqual(answersOf("v2"));
  });

  it("are there again when an earlier release comes back", async () => {
    await app.released({ image: images.v2 });
    const { id } = await liveOf(host);
    expect(await askedAll(id, [...namesOf("v2"), ...namesOf("v3")])).toEqual([...answersOf("v2"), ...answersOf("v3")]);
    expect(await asked(id, "manifest.json")).toBe("200 v2");
    expect(await app.preview()).toBe("");
  });

  it("are shared by the replicas of a role", async () => {
    const twice = (version: string) => ({
      image: images[version],
      servers: { web: { hosts: addressesOf(lab.hosts), replicas: 2 } },
    });
    await app.released(twice("v3"));
    const missed = await missedDuring("v3", () => app.released(twice("v4")));
    expect(missed).toEqual([]);
    const running = await runningOn(host);
    expect(running).toHaveLength(2);
    for (const { id } of running)
      expect(await askedAll(id, [...namesOf("v3"), ...namesOf("v4")])).toEqual([...answersOf("v3"), ...answersOf("v4")]);
    expect(await app.preview()).toBe("");
  });

  it("go with the app, and a volume of another owner with such a name stays", async () => {
    await host.must("docker volume create shop-web-lab-assets-of-a-stranger");
    await app.withdraw();
    expect(await volumes()).toEqual([]);
    expect(await anonymous()).toEqual([]);
    expect(await host.must("docker volume ls --quiet --filter name=shop-")).toBe("shop-web-lab-assets-of-a-stranger\n");
  });
});
