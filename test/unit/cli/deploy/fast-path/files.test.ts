import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lookAtFiles, noteReleased } from "../../../../../cli/deploy/fast-path/files.ts";
import { memoryFile, remember } from "../../../../../cli/deploy/fast-path/memory.ts";
import { tryFastPath } from "../../../../../cli/deploy/fast-path/try.ts";

const CHANGED = "the project's files have changed since they were last seen released";

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-memory-"));
  root = join(folder, "shop");
  await mkdir(root);
  await writeFile(join(root, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  await writeFile(join(root, "index.ts"), "export {};\n");
  await writeFile(join(root, "Pulumi.prod.yaml"), "config:\n  slipway:image: shop:1\n");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const setImage = (image: string, stack = "prod") =>
  writeFile(join(root, `Pulumi.${stack}.yaml`), `config:\n  slipway:image: ${image}\n`);

describe("the files of a project, before anything is asked", () => {
  it.each<[situation: string, prepare: () => Promise<unknown>, because: string | undefined]>([
    ["nothing was seen yet", async () => {}, undefined],
    ["they are what was released last", () => noteReleased("prod", root, "prod"), undefined],
    [
      "the config has changed",
      async () => {
        await noteReleased("prod", root, "prod");
        await setImage("shop:2");
      },
      CHANGED,
    ],
    [
      "the config has changed and was changed back",
      async () => {
        await noteReleased("prod", root, "prod");
        await setImage("shop:2");
        await setImage("shop:1");
      },
      undefined,
    ],
    [
      "another stack has changed",
      async () => {
        await noteReleased("prod", root, "prod");
        await setImage("shop:2", "staging");
      },
      undefined,
    ],
    [
      "another stack was released",
      async () => {
        await noteReleased("staging", root, "staging");
        await setImage("shop:2");
      },
      undefined,
    ],
    [
      "the program cannot be followed",
      async () => {
        await noteReleased("prod", root, "prod");
        await writeFile(join(root, "index.ts"), 'import "@/lib/a";\n');
      },
      "the program imports @/lib/a, which is not a file or an installed package",
    ],
    [
      "what is remembered is not readable",
      async () => {
        await noteReleased("prod", root, "prod");
        await writeFile(memoryFile(root, "prod"), '{"stack": "prod"');
      },
      undefined,
    ],
    ["what is remembered is wrong", () => remember(root, "prod", { stack: "prod", hash: "0".repeat(64) }), CHANGED],
  ])("when %s", async (_situation, prepare, because) => {
    await prepare();
    expect((await lookAtFiles("prod", root)).because).toBe(because);
  });

  it("are compared for the selected stack as well, by the name that it had", async () => {
    await noteReleased(undefined, root, "prod");
    expect((await lookAtFiles(undefined, root)).declared?.stack).toBe("prod");
    await setImage("shop:2");
    expect((await lookAtFiles(undefined, root)).because).toBe(CHANGED);
    expect((await lookAtFiles("prod", root)).because).toBeUndefined();
  });

  it("are remembered as they were before a run, not as they were edited while it ran", async () => {
    await noteReleased("prod", root, "prod");
    const { declared } = await lookAtFiles("prod", root);
    await setImage("shop:2");
    await noteReleased("prod", root, "prod", declared);
    expect((await lookAtFiles("prod", root)).because).toBe(CHANGED);
  });

  it("leave one small file of the operator's own, without anything of the config", async () => {
    await noteReleased("prod", root, "prod");
    const file = memoryFile(root, "prod");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(file))).toHaveLength(1);
    expect(Object.keys(JSON.parse(await readFile(file, "utf8")))).toEqual(["stack", "hash"]);
  });

  it("are not remembered where the cache cannot be written, which is no failure", async () => {
    await writeFile(join(folder, "cache"), "");
    await noteReleased("prod", root, "prod");
    expect(await lookAtFiles("prod", root)).toEqual({});
  });
});

describe("a deploy of files that have changed", () => {
  it("starts the engine without a process of Pulumi before it", async () => {
    const [bin, calls] = [join(folder, "bin"), join(folder, "calls")];
    await mkdir(bin);
    await writeFile(join(bin, "pulumi"), `#!/bin/sh\necho "$*" >> '${calls}'\nexit 1\n`);
    await chmod(join(bin, "pulumi"), 0o755);
    vi.stubEnv("PATH", [bin, process.env.PATH].join(delimiter));
    const asked = async () => (await readFile(calls, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");

    await noteReleased("prod", root, "prod");
    await setImage("shop:2");
    const { outcome, declared } = await tryFastPath("prod", root);
    expect(outcome).toEqual({ kind: "start engine", because: CHANGED });
    expect(await asked()).toEqual([]);
    await noteReleased("prod", root, "prod", declared);
    expect((await tryFastPath("prod", root)).outcome.kind).toBe("start engine");
    expect(await asked()).not.toEqual([]);
  });
});
