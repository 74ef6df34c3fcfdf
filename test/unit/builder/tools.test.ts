import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { instanceFor } from "../../../builder/buildx/instance.ts";
import { findTools, type Tools } from "../../../builder/buildx/tools.ts";
import type { Builder } from "../../../core/builder.ts";

let bin: string;
beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), "slipway-bin-"));
});
afterEach(() => rm(bin, { recursive: true }));

/** A `docker` that prints these answers. */
async function docker(info: object, inspect: string, code = 0): Promise<void> {
  await writeFile(join(bin, "info"), JSON.stringify(info));
  await writeFile(join(bin, "inspect"), inspect);
  const script = `#!/bin/sh\nif [ "$1" = info ]; then cat ${bin}/info; else cat ${bin}/inspect; exit ${code}; fi\n`;
  await writeFile(join(bin, "docker"), script);
  await chmod(join(bin, "docker"), 0o755);
}

const find = (system: NodeJS.Platform = "linux") => findTools({ PATH: `${bin}:/usr/bin:/bin` }, { system });
const buildx = { ClientInfo: { Plugins: [{ Name: "buildx" }] } };

describe("what this machine builds with", () => {
  it.each<[string, object, string, Tools]>([
    [
      "an engine with its own layers",
      { ...buildx, DriverStatus: [["Backing Filesystem", "extfs"]] },
      "Name: default\nDriver: docker\n",
      { store: "layers", selected: "docker" },
    ],
    [
      "an engine with containerd's store",
      { ...buildx, DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] },
      "Driver:        docker\n",
      { store: "containerd", selected: "docker" },
    ],
    [
      "a builder of the user's",
      { ...buildx, ServerErrors: ["Cannot connect"] },
      "Driver: docker-container\n",
      { store: "layers", selected: "docker-container" },
    ],
  ])("is %s", async (_, info, inspect, tools) => {
    await docker(info, inspect);
    expect(await find()).toEqual(tools);
  });

  it("is refused where docker is missing, with how to install it on that system", async () => {
    await expect(findTools({ PATH: bin }, { system: "darwin" })).rejects.toThrow(
      /docker is missing on this machine[\s\S]*brew install/,
    );
    await expect(findTools({ PATH: bin }, { system: "linux" })).rejects.toThrow(/apt-get install docker\.io docker-buildx/);
  });

  it("is refused where buildx is missing", async () => {
    await docker({ ClientInfo: { Plugins: [] } }, "", 1);
    await expect(find()).rejects.toThrow(/docker has no buildx[\s\S]*apt-get install docker-buildx/);
  });

  it("is not asked for an engine where another machine builds", async () => {
    await docker({ ...buildx, ServerErrors: ["Cannot connect"] }, "Driver: docker\n");
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    expect(await findTools(env, { isEngineNeeded: false })).toMatchObject({ selected: "docker" });
  });

  it("is refused where the engine does not answer", async () => {
    await docker({ ...buildx, ServerErrors: ["Cannot connect to the Docker daemon"] }, "Driver: docker\n");
    await expect(find()).rejects.toThrow(/does not answer[\s\S]*\| Cannot connect to the Docker daemon[\s\S]*start Docker/);
  });
});

it("is refused where the engine does not answer in time", async () => {
  await docker(buildx, "Driver: docker\n");
  await writeFile(join(bin, "docker"), "#!/bin/sh\nexec sleep 30\n");
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  await expect(findTools(env, { timeout: 0.2 })).rejects.toThrow(/does not answer[\s\S]*no answer in 0\.2 s[\s\S]*start Docker/);
});

describe("the builder of a build", () => {
  const builder: Builder = { context: ".", args: {}, secrets: [], platforms: [], provenance: "false", sbom: "false" };
  const both = { platforms: ["linux/amd64", "linux/arm64"] };
  const layers: Tools = { store: "layers", selected: "docker" };
  const containerd: Tools = { store: "containerd", selected: "docker" };

  it.each<[string, Partial<Builder>, Tools, ReturnType<typeof instanceFor>]>([
    ["the engine, which keeps what it builds", {}, layers, { name: undefined, result: "engine", own: false }],
    ["the engine, which exports what it builds", {}, containerd, { name: undefined, result: "layout", own: false }],
    [
      "the one that is selected",
      {},
      { store: "layers", selected: "kubernetes" },
      { name: undefined, result: "layout", own: false },
    ],
    [
      "the engine although another is selected",
      { driver: "docker" },
      { store: "layers", selected: "remote" },
      { name: "default", result: "engine", own: false },
    ],
    ["one of ours in a container", { driver: "docker-container" }, layers, { name: "slipway", result: "layout", own: true }],
    [
      "one of ours for two CPUs, which the engine's layers cannot have",
      both,
      layers,
      { name: "slipway", result: "layout", own: true },
    ],
    ["the engine for two CPUs where it can", both, containerd, { name: undefined, result: "layout", own: false }],
  ])("is %s", (_, over, tools, instance) => {
    expect(instanceFor({ ...builder, ...over }, over.platforms ?? [], tools)).toEqual(instance);
  });

  it("is one for each remote machine", () => {
    const name = (remote: string) => instanceFor({ ...builder, remote }, [], layers).name;
    expect(name("ssh://a@h")).toMatch(/^slipway-[0-9a-f]{8}$/);
    expect(name("ssh://a@h")).not.toBe(name("ssh://b@h"));
  });
});
