import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildImage, placeOf, readContext } from "../../../builder/index.ts";
import type { Builder } from "../../../core/builder.ts";
import { Mask } from "../../../core/mask.ts";
import type { BuildxSuite } from "../../../lab/buildx.ts";
import type { ImageStore as Kind } from "../../../lab/image-store.ts";
import { nodeImage } from "../../../lab/node.ts";
import { OperatorDocker } from "../../../lab/operator-docker.ts";
import { operatorEngine } from "../../../lab/operator-engine.ts";
import { ImageStore } from "../../../registry/index.ts";

const SECRET = "sk_live_canary_4711";
const BUILDER: Builder = { context: ".", args: {}, secrets: [], platforms: [], provenance: "false", sbom: "false" };

/** All that is worth a thought in names and patterns. */
const FILES: Readonly<Record<string, string>> = {
  Dockerfile: "FROM scratch\nCOPY . /\n",
  ".dockerignore": [
    "# a comment",
    "node_modules",
    "**/*.log",
    "!keep/*.log",
    "/docs/*",
    "!docs/api",
    "build?",
    "a+b/*",
    "(old)",
    "  spaced  ",
    "sub/**/deep",
    "weird\\[x\\]",
    "[ab].txt",
    "Case",
  ].join("\n"),
  "app.js": "x",
  "node_modules/zod/index.js": "x",
  "src/node_modules/kept.js": "x",
  "x.log": "x",
  "src/y.log": "x",
  "keep/z.log": "x",
  "keep/deeper/z.log": "x",
  "docs/index.md": "x",
  "docs/api/index.md": "x",
  build1: "x",
  build12: "x",
  "a+b/c": "x",
  "aab/c": "x",
  "(old)": "x",
  "(old)er": "x",
  spaced: "x",
  "sub/deep": "x",
  "sub/one/two/deep": "x",
  "sub/one/two/deeper": "x",
  "weird[x]": "x",
  weirdx: "x",
  "a.txt": "x",
  "c.txt": "x",
  case: "x",
  "Case/x": "x",
  "größe und mehr.txt": "x",
  ".git/HEAD": "x",
  ".pulumi/state": "x",
  "Pulumi.yaml": "x",
  "Pulumi.production.yaml": "x",
};

const buildsWith = (kind: Kind, suite: BuildxSuite) => () => {
  let project: string;
  let docker: OperatorDocker;
  let base: string;
  let store: ImageStore;
  const said: string[] = [];

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "slipway-project-"));
    const { lab, engine } = await operatorEngine(kind);
    docker = await OperatorDocker.create(engine, { registry: lab.registry, suite });
    base = (await nodeImage(lab.registry, "24-slim")).ref;
    store = new ImageStore(join(project, ".store"));
  }, 900_000);
  afterAll(async () => {
    await docker[Symbol.asyncDispose]();
    await rm(project, { recursive: true });
  });

  async function files(named: Readonly<Record<string, string>>, below = ""): Promise<void> {
    for (const [name, content] of Object.entries(named)) {
      await mkdir(dirname(join(project, below, name)), { recursive: true });
      await writeFile(join(project, below, name), content);
    }
  }

  const build = (folder: string, over: Partial<Builder> = {}, secrets: Readonly<Record<string, string>> = {}) =>
    buildImage(
      {
        builder: { ...BUILDER, ...over },
        project: join(project, folder),
        platforms: over.platforms ?? [],
        secrets,
        mask: new Mask(Object.values(secrets)),
        env: docker.env,
        signal: undefined,
        say: (line) => void said.push(line),
        status: (line) => void said.push(line),
      },
      "slipway.invalid/shop:built",
      store,
    );

  /** The paths in the layers of an image. */
  async function pathsIn({ layers }: { readonly layers: readonly { readonly digest: string }[] }): Promise<string[]> {
    const paths: string[] = [];
    for (const { digest } of layers) {
      const blob = await readFile(store.blobPath(digest));
      const entries = extract();
      entries.end(blob[0] === 0x1f ? gunzipSync(blob) : blob);
      for await (const entry of entries) {
        paths.push(entry.header.name.replace(/\/$/, ""));
        entry.resume();
      }
    }
    return paths.sort();
  }

  it("has in the image exactly the files that the plan compares", async () => {
    await files(FILES, "context");
    await symlink("app.js", join(project, "context", "link"));
    const root = join(project, "context");
    const { stored } = await build("context");
    const compared = readContext(placeOf({ context: "." }, root)).entries;
    expect(await pathsIn(stored.platforms[0] ?? { layers: [] })).toEqual([...compared.keys()].sort());
    expect(compared.has("app.js")).toBe(true);
    expect(compared.has("node_modules")).toBe(false);
  });

  it("gives secrets to the steps that mount them, and to nothing else", async () => {
    await files(
      { Dockerfile: `FROM ${base}\nRUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN && echo && test -z "$TOKEN"\n` },
      "sealed",
    );
    const { stored } = await build("sealed", { secrets: ["TOKEN"] }, { TOKEN: SECRET });
    const [platform] = stored.platforms;
    expect(await store.text(platform?.config ?? { digest: "" })).not.toContain(SECRET);
    expect(said.join("\n")).not.toContain(SECRET);
  });

  it("shows the end of a step that fails, without its secrets", async () => {
    await files(
      {
        Dockerfile: `FROM ${base}\nRUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN && echo && echo npm ERR! 404 >&2 && exit 7\n`,
      },
      "broken",
    );
    const thrown: unknown = await build("broken", { secrets: ["TOKEN"] }, { TOKEN: SECRET }).catch((error: unknown) => error);
    expect(String(thrown)).toMatch(/could not be built: \[(?:stage-0 )?2\/2\] RUN .*cat/);
    expect(String(thrown)).toMatch(/npm ERR! 404\n/);
    expect(String(thrown)).toContain("exit code: 7");
    expect(String(thrown)).toContain("[secret]");
    expect(String(thrown)).not.toContain(SECRET);
  });

  it("builds the stage that is asked for, with its arguments", async () => {
    const Dockerfile = "FROM scratch AS first\nARG WHO=none\nLABEL who=$WHO\nCOPY one /\nFROM scratch\nCOPY two /\n";
    await files({ Dockerfile, one: "1", two: "2" }, "stages");
    const { stored } = await build("stages", { target: "first", args: { WHO: 'the "one"' } });
    const [platform] = stored.platforms;
    expect(await pathsIn(platform ?? { layers: [] })).toEqual(["one"]);
    expect(JSON.parse(await store.text(platform?.config ?? { digest: "" })).config.Labels).toEqual({ who: 'the "one"' });
  });

  it("says where the Dockerfile itself is wrong", async () => {
    await files({ Dockerfile: "FROM scratch\nCOPPY x /\n" }, "wrong");
    await expect(build("wrong")).rejects.toThrow(/\| Dockerfile:2[\s\S]*unknown instruction: COPPY \(did you mean COPY\?\)/);
  });
};

describe("a build by a Docker with containerd's store", buildsWith("containerd", "trixie"));
describe("a build by a Docker with its own layers", { tags: "long" }, buildsWith("classic", "trixie"));
describe("a build by the buildx of today", { tags: "long" }, buildsWith("containerd", "forky"));
