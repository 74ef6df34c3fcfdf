// Of the lab itself.
// @module-tag long
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BuildxSuite } from "../../lab/buildx.ts";
import type { Output } from "../../lab/host.ts";
import type { ImageStore } from "../../lab/image-store.ts";
import { nodeImage } from "../../lab/node.ts";
import { BuildingOperator } from "../support/building-operator.ts";

const FROM_SCRATCH = "FROM scratch\nCOPY hello.txt /\n";

const KINDS: readonly (readonly [ImageStore, BuildxSuite])[] = [
  ["classic", "trixie"],
  ["classic", "forky"],
  ["containerd", "trixie"],
  ["containerd", "forky"],
];

/** What becomes of an OCI layout. */
const LAYOUTS: Readonly<Record<ImageStore, readonly [does: string, expect: (built: Output, folder: string) => Promise<void>]>> = {
  classic: [
    "is refused an OCI layout",
    async ({ code, stderr }) => {
      expect(code).toBe(1);
      expect(stderr).toContain("OCI exporter is not supported for the docker driver");
    },
  ],
  containerd: [
    "writes an OCI layout",
    async (built, folder) => {
      expect(built).toMatchObject({ code: 0 });
      expect(await readdir(folder)).toEqual(expect.arrayContaining(["blobs", "index.json", "oci-layout"]));
      expect(JSON.parse(await readFile(join(folder, "index.json"), "utf8")).manifests).toHaveLength(1);
    },
  ],
};

describe.each(KINDS)("with an engine of the %s store, the operator's buildx of %s", (store, suite) => {
  const operator = new BuildingOperator(store, suite);

  it("is the lab's own, and builds by the docker driver", async () => {
    const { docker } = operator.now;
    const version = await docker.run(["buildx", "version"]);
    expect(version.stdout).toContain(docker.versions.buildx.replace(/\+.*/, ""));
    expect((await docker.run(["buildx", "inspect"])).stdout).toMatch(/^Driver: +docker$/m);
  });

  it("builds from scratch into the engine", async () => {
    const folder = await operator.context("scratch", FROM_SCRATCH);
    expect(await operator.build("--load", "-t", "shop:dev", folder)).toMatchObject({ code: 0 });
    const { RootFS } = await operator.now.host.docker.getImage("shop:dev").inspect();
    expect(RootFS.Layers).toHaveLength(1);
  });

  it("runs steps on an image of the lab's registry, and prints which one was cached and which one failed", async () => {
    const { ref } = await nodeImage(operator.now.lab.registry, "24-slim");
    const steps = `FROM ${ref}\nCOPY hello.txt /srv/\nRUN cat /srv/hello.txt\n`;
    const folder = await operator.context("steps", steps);
    const first = await operator.build("--load", "-t", "shop:steps", folder);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/^#\d+ [\d.]+ hello from steps$/m) });
    const again = await operator.build("--load", "-t", "shop:steps", folder);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/RUN cat \/srv\/hello\.txt\n#\d+ CACHED/) });
    await operator.context("steps", `${steps}RUN echo it breaks >&2; exit 7\n`);
    const failed = await operator.build("--load", "-t", "shop:steps", folder);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^#\d+ [\d.]+ it breaks$/m) });
    expect(failed.stderr).toContain("did not complete successfully: exit code: 7");
  });

  const [does, expectLayout] = LAYOUTS[store];
  it(does, async () => {
    const folder = operator.path("layout");
    const context = await operator.context("in-layout", FROM_SCRATCH);
    await expectLayout(await operator.build("--output", `type=oci,tar=false,dest=${folder}`, context), folder);
  });
});
