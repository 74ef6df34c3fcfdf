// Of the lab itself.
// @module-tag long
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildxSuite } from "../../lab/buildx.ts";
import type { Output } from "../../lab/host.ts";
import type { ImageStore } from "../../lab/image-store.ts";
import { nodeImage } from "../../lab/node.ts";
import { OperatorDocker } from "../../lab/operator-docker.ts";
import { type OperatorEngine, operatorEngine } from "../../lab/operator-engine.ts";

const FROM_SCRATCH = "FROM scratch\nCOPY hello.txt /\n";

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "slipway-buildx-"));
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** A build context: a Dockerfile and the file `hello.txt`. */
async function context(name: string, dockerfile: string): Promise<string> {
  const folder = join(work, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  await writeFile(join(folder, "hello.txt"), `hello from ${name}\n`);
  return folder;
}

/** An operator with an engine of that store, available from the first test on. */
function operatorOf(store: ImageStore, suite: BuildxSuite) {
  let at: OperatorEngine | undefined;
  let docker: OperatorDocker | undefined;
  beforeAll(async () => {
    at = await operatorEngine(store);
    docker = await OperatorDocker.create(at.engine, { registry: at.lab.registry, suite });
  }, 900_000);
  afterAll(() => docker?.[Symbol.asyncDispose]());
  const now = () => {
    if (at === undefined || docker === undefined) throw new Error("it is available from the first test on, not before");
    return { at, docker };
  };
  return {
    now,
    build: (...args: readonly string[]): Promise<Output> => now().docker.run(["buildx", "build", "--progress", "plain", ...args]),
  };
}

describe.each<[ImageStore, BuildxSuite]>([
  ["classic", "trixie"],
  ["containerd", "trixie"],
  ["containerd", "forky"],
])("with an engine of the %s store, the operator's buildx of %s", (store, suite) => {
  const operator = operatorOf(store, suite);

  it("is the lab's own, and builds by the docker driver", async () => {
    const { docker } = operator.now();
    const version = await docker.run(["buildx", "version"]);
    expect(version.stdout).toContain(docker.versions.buildx.replace(/\+.*/, ""));
    expect((await docker.run(["buildx", "inspect"])).stdout).toMatch(/^Driver: +docker$/m);
  });

  it("builds from scratch into the engine", async () => {
    const folder = await context(`scratch-${store}-${suite}`, FROM_SCRATCH);
    expect(await operator.build("--load", "-t", "shop:dev", folder)).toMatchObject({ code: 0 });
    const { RootFS } = await operator.now().at.host.docker.getImage("shop:dev").inspect();
    expect(RootFS.Layers).toHaveLength(1);
  });

  it("runs steps on an image of the lab's registry, and prints which one was cached and which one failed", async () => {
    const { ref } = await nodeImage(operator.now().at.lab.registry, "24-slim");
    const steps = `FROM ${ref}\nCOPY hello.txt /srv/\nRUN cat /srv/hello.txt\n`;
    const folder = await context(`steps-${store}-${suite}`, steps);
    const first = await operator.build("--load", "-t", "shop:steps", folder);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/^#\d+ [\d.]+ hello from steps-/m) });
    const again = await operator.build("--load", "-t", "shop:steps", folder);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/RUN cat \/srv\/hello\.txt\n#\d+ CACHED/) });
    await context(`steps-${store}-${suite}`, `${steps}RUN echo it breaks >&2; exit 7\n`);
    const failed = await operator.build("--load", "-t", "shop:steps", folder);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^#\d+ [\d.]+ it breaks$/m) });
    expect(failed.stderr).toContain("did not complete successfully: exit code: 7");
  });
});

describe.each<BuildxSuite>(["trixie", "forky"])("an OCI layout by the operator's buildx of %s", (suite) => {
  const [classic, containerd] = [operatorOf("classic", suite), operatorOf("containerd", suite)];
  const layoutIn = (folder: string) => `type=oci,tar=false,dest=${folder}`;

  it("is written by an engine with containerd's store", async () => {
    const folder = join(work, `layout-${suite}`);
    const built = await containerd.build("--output", layoutIn(folder), await context("layout", FROM_SCRATCH));
    expect(built).toMatchObject({ code: 0 });
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["blobs", "index.json", "oci-layout"]));
    expect(JSON.parse(await readFile(join(folder, "index.json"), "utf8")).manifests).toHaveLength(1);
  });

  it("is refused by an engine with the classic store", async () => {
    const built = await classic.build("--output", layoutIn(join(work, "none")), await context("none", FROM_SCRATCH));
    expect(built.code).toBe(1);
    expect(built.stderr).toContain("OCI exporter is not supported for the docker driver");
  });
});
