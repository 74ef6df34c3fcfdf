import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { knownDigest, readEngineImage } from "../../builder/index.ts";
import { type EngineImage, parseEngineImage } from "../../core/engine-image.ts";
import { SlipwayError } from "../../core/error.ts";
import { blobsOf } from "../../registry/store/image.ts";
import { ImageStore } from "../../registry/store/store.ts";
import { aLayout, anImage, anIndex, dockerSave, type Files, type Made, sha, tarOf } from "../unit/registry/image-file/support.ts";

/** A `docker` that answers what the files beside it say, and writes down what it was asked. */
const DOCKER = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
echo "$*" >>calls
answer() { cat "$1.out"; cat "$1.err" >&2; exit "$(cat "$1.code")"; }
case "$1 $2" in
  "image inspect") answer inspect ;;
  "image ls") answer ls ;;
  "save "*) answer save ;;
esac
`;

const ID = sha("the id");
const made = anImage(["base", "app"]);
const SHOP = imageOf("engine://shop:dev");

let folder: string;
let store: ImageStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-engine-"));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin", "docker"), DOCKER);
  await chmod(join(folder, "bin", "docker"), 0o755);
  store = new ImageStore(join(folder, "store"));
  await has(made, aLayout([made.descriptor], made.files));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function imageOf(written: string): EngineImage {
  const image = parseEngineImage(written);
  if (image === undefined) throw new TypeError(`${written} is no image of an engine`);
  return image;
}

const asking = () => ({
  env: { ...process.env, DOCKER_HOST: undefined, PATH: [join(folder, "bin"), process.env.PATH].join(delimiter) },
});
const read = (image = SHOP) => readEngineImage(image, store, asking());

async function answers(command: "inspect" | "ls" | "save", stdout: string | Buffer, stderr = "", code = 0): Promise<void> {
  for (const [kind, content] of Object.entries({ out: stdout, err: stderr, code: String(code) }))
    await writeFile(join(folder, "bin", `${command}.${kind}`), content);
}

const inspected = (config: string, over: object = {}): string =>
  JSON.stringify({
    Id: ID,
    Os: "linux",
    Architecture: "amd64",
    Config: { Labels: { config } },
    RootFS: { Layers: [config] },
    ...over,
  });

/** What the engine has under every name. */
async function has({ config }: Pick<Made, "config">, files: Files, over: object = {}): Promise<void> {
  await answers("inspect", inspected(config, over));
  await answers("ls", "postgres:16\nshop:1.4.2\nghcr.io/acme/shop:dev\n<none>:<none>\n");
  await answers("save", await tarOf(files));
}

/** The commands of Docker that `work` starts, by their first words. */
async function callsOf(work: () => Promise<unknown>): Promise<string[]> {
  const file = join(folder, "bin", "calls");
  await writeFile(file, "");
  await work();
  return (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
}

async function refused(work: () => Promise<unknown>): Promise<SlipwayError["story"]> {
  const thrown = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof SlipwayError)) throw new Error(`it was not refused: ${thrown}`);
  return thrown.story;
}

const INSPECT = "image inspect --format {{json .}} shop:dev";

describe("an image of the operator's engine", () => {
  it("is saved by its id, so that it is the one that was looked up, and is complete in the store", async () => {
    const calls = await callsOf(async () => {
      const { digest, stored } = await read();
      expect([digest, stored?.platforms[0]?.config.digest]).toEqual([made.manifest, made.config]);
      for (const blob of stored === undefined ? [] : blobsOf(stored))
        expect(sha(await readFile(store.blobPath(blob.digest)))).toBe(blob.digest);
    });
    expect(calls).toEqual([INSPECT, `save ${ID}`]);
  });

  it("is not saved again while it is the same: one process", async () => {
    await read();
    expect(await callsOf(() => read())).toEqual([INSPECT]);
    expect(await callsOf(async () => expect(await knownDigest(SHOP, store, asking())).toBe(made.manifest))).toEqual([INSPECT]);
  });

  it("is the same after a build that took everything from its cache, which has an index of its own in containerd's store", async () => {
    await read();
    await has(made, {}, { Id: sha("an index with other statements"), Metadata: { LastTagTime: "now" }, RepoDigests: ["x"] });
    expect(await callsOf(async () => expect((await read()).digest).toBe(made.manifest))).toEqual([INSPECT]);
  });

  it("is saved when its tag has moved, and not again when the tag goes back", async () => {
    const next = anImage(["base", "app 2"]);
    await read();
    await has(next, aLayout([next.descriptor], next.files), { Id: sha("the next id") });
    expect(await knownDigest(SHOP, store, asking())).toBeUndefined();
    expect((await read()).digest).toBe(next.manifest);
    expect(await knownDigest(SHOP, store, asking())).toBe(next.manifest);
    await has(made, {});
    expect((await read()).digest).toBe(made.manifest);
  });

  it("is saved again if the store has lost a part of it", async () => {
    const { stored } = await read();
    await rm(store.blobPath(stored?.platforms[0]?.layers[0]?.digest ?? ""));
    expect(await callsOf(() => read())).toEqual([INSPECT, `save ${ID}`]);
  });

  it("may be one of several platforms, of which the engine has just one", async () => {
    const arm = anImage(["base", "app"], { architecture: "arm64" });
    const index = anIndex(
      [
        { made, architecture: "amd64" },
        { made: arm, architecture: "arm64" },
      ],
      "built at 9:00",
    );
    const files = Object.fromEntries(Object.entries(index.files).filter(([name]) => !Object.keys(arm.files).includes(name)));
    await has(made, aLayout([index.descriptor], files, made.files));
    expect((await read()).stored).toMatchObject({ root: { digest: made.manifest }, index: index.digest });
  });

  it("may be saved in the form of Docker before 25", async () => {
    const files = dockerSave([{ texts: ["base", "app"], tags: ["shop:dev"] }]);
    await has(made, files);
    expect((await read()).stored?.platforms[0]?.diffIds).toEqual(["base", "app"].map(sha));
  });
});

describe("an image of the engine that is written by digest", () => {
  const pinned = imageOf(`engine://shop:dev@${made.manifest}`);

  it("comes from the store, and the engine is not asked", async () => {
    await read();
    const work = async () => {
      expect((await read(pinned)).stored?.root.digest).toBe(made.manifest);
      expect(await knownDigest(pinned, store, asking())).toBe(made.manifest);
    };
    expect(await callsOf(work)).toEqual([]);
  });

  it("comes from the engine if the store has lost it, and the engine has that image", async () => {
    expect((await read(pinned)).stored?.root.digest).toBe(made.manifest);
  });

  it("is known by that digest alone if the engine has a different one, or none: the hosts may have it", async () => {
    const other = anImage(["other"]);
    await has(other, aLayout([other.descriptor], other.files));
    expect(await read(pinned)).toEqual({ digest: made.manifest, stored: undefined });
    await answers("inspect", "\n", "Error response from daemon: No such image: shop:dev\n", 1);
    expect(await read(pinned)).toEqual({ digest: made.manifest, stored: undefined });
  });
});

describe("an image that the engine cannot give is refused", () => {
  it("if there is no docker, with the command that installs it", async () => {
    const story = await refused(() => readEngineImage(SHOP, store, { env: { PATH: join(folder, "store") } }));
    expect(story).toMatchObject({ code: "TOOL_MISSING", what: expect.stringMatching(/^docker is missing on this machine/) });
    expect(story.next).toMatch(/install .*; then run the command again/);
  });

  it("if the engine does not answer, with what docker says and which engine it is", async () => {
    const dead = "Cannot connect to the Docker daemon at tcp://build:2376. Is the docker daemon running?\n";
    await answers("inspect", "\n", dead, 1);
    await answers("ls", "", dead, 1);
    const { env } = asking();
    const story = await refused(() => readEngineImage(SHOP, store, { env: { ...env, DOCKER_HOST: "tcp://build:2376" } }));
    expect(story).toMatchObject({
      code: "TOOL_MISSING",
      what: "the Docker of this machine, which has the image, does not answer",
      evidence: [dead.trim(), "DOCKER_HOST is tcp://build:2376"],
    });
  });

  it("if it has no such image, with the names that may be meant", async () => {
    await answers("inspect", "\n", "Error response from daemon: No such image: shop:dev\n", 1);
    expect(await refused(() => read())).toMatchObject({
      code: "IMAGE_NOT_FOUND",
      what: "the Docker of this machine has no image shop:dev",
      evidence: ["it has ghcr.io/acme/shop:dev, shop:1.4.2"],
      next: "build it (docker build -t shop:dev .), or correct slipway:image",
    });
    expect(await refused(() => read(imageOf(`engine://${ID}`)))).toMatchObject({
      what: `the Docker of this machine has no image ${ID}`,
      evidence: [],
    });
  });

  it("if it lists the image, and does not know what it is", async () => {
    await answers("inspect", "\n", "Error response from daemon: content digest sha256:04bd: not found\n", 1);
    await answers("ls", "shop:dev\n");
    expect(await refused(() => read())).toMatchObject({
      code: "IMAGE_UNREADABLE",
      what: "shop:dev in the Docker of this machine cannot be read: docker image inspect failed",
      evidence: ["Error response from daemon: content digest sha256:04bd: not found"],
    });
  });

  it("if parts of it are missing, all at once, and nothing of it is noted", async () => {
    const lost = Object.keys(made.files).slice(-2);
    const files = Object.fromEntries(Object.entries(made.files).filter(([name]) => !lost.includes(name)));
    await has(made, aLayout([made.descriptor], files));
    const story = await refused(() => read());
    expect(story).toMatchObject({
      code: "IMAGE_UNREADABLE",
      what: "shop:dev in the Docker of this machine: parts of the image are missing",
      evidence: lost.map((name) => `sha256:${name.split("/").at(-1)}`),
    });
    expect(story.next).toContain("docker build --pull --no-cache");
    expect(await knownDigest(SHOP, store, asking())).toBeUndefined();
  });

  it.each([
    ["at once", 0],
    ["in the middle", 2500],
  ])("if docker save fails %s, with what it says", async (_when, bytes) => {
    const tar = await tarOf(aLayout([made.descriptor], made.files));
    await answers("save", tar.subarray(0, bytes), "Error response from daemon: unable to create manifests file\n", 1);
    expect(await refused(() => read())).toMatchObject({
      code: "IMAGE_UNREADABLE",
      what: "shop:dev in the Docker of this machine cannot be read: docker save failed",
      evidence: ["Error response from daemon: unable to create manifests file"],
    });
  });

  it("if what docker save writes is no image; it is not waited for then", async () => {
    const script = join(folder, "bin", "docker");
    await writeFile(script, (await readFile(script, "utf8")).replace("answer save", "exec yes no tar has this line"));
    expect(await refused(() => read())).toMatchObject({
      code: "IMAGE_UNREADABLE",
      what: "shop:dev in the Docker of this machine: it is not an image",
    });
  });
});
