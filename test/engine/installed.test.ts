import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabProgram, type Layout } from "../../lab/program.ts";
import { labValues } from "../../lab/stack.ts";
import { buildPackage, pack } from "../../tools/package.ts";
import { PULUMI_VERSION } from "../../tools/pulumi/index.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { pinnedImage } from "../support/images.ts";
import { done, summaries } from "../support/outcome.ts";
import { PACKAGE_MANAGERS, type PackageManager } from "../support/package-managers.ts";

/** What a project has besides its packages. */
interface ProgramKind extends Omit<Layout, "install" | "startedBy"> {
  /** Its package.json. */
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly packages: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Writes what shall run. */
  declare(program: LabProgram): Promise<void>;
}

const TYPESCRIPT = ["typescript@5.9.3", "@types/node@24"];
/** As `pulumi new typescript` writes it. */
const TEMPLATE = {
  strict: true,
  outDir: "bin",
  target: "es2020",
  module: "commonjs",
  moduleResolution: "node",
  sourceMap: true,
  experimentalDecorators: true,
  pretty: true,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  forceConsistentCasingInFileNames: true,
};
const ALWAYS = { refresh: "always" };
const AS_IT_IS = { name: "nodejs", options: { typescript: false } };
const ES_MODULE = { imports: 'import * as slipway from "slipway";', exports: "export const urls = shop.urls;" };
const COMMONJS = { imports: 'const slipway = require("slipway");', exports: "exports.urls = shop.urls;" };

const PROGRAMS: Readonly<Record<string, ProgramKind>> = {
  "Pulumi's TypeScript template": {
    declare: (program) => program.write(textIn(ES_MODULE)),
    entry: "index.ts",
    project: { runtime: { name: "nodejs", options: { packagemanager: "npm" } }, options: ALWAYS },
    manifest: { main: "index.ts" },
    packages: TYPESCRIPT,
    files: { "tsconfig.json": JSON.stringify({ compilerOptions: TEMPLATE, files: ["index.ts"] }) },
  },
  "an ES module in a subfolder, whose types Node.js strips": {
    declare: (program) => program.write(textIn(ES_MODULE)),
    entry: "infra/index.ts",
    project: { runtime: AS_IT_IS, main: "infra/index.ts", options: ALWAYS },
    manifest: { type: "module" },
    packages: [],
  },
  "plain JavaScript": {
    declare: (program) => program.write(textIn(COMMONJS)),
    entry: "index.js",
    project: { runtime: AS_IT_IS, options: ALWAYS },
    manifest: {},
    packages: [],
  },
  "a stack's file alone": {
    async declare(program) {
      const { server, username, password } = lab.registry;
      await program.configure({
        ssh: labValues(lab).ssh,
        service: "shop",
        image,
        servers: { web: { hosts: { [host.name]: { address: host.address } } } },
        registry: { server, username },
        proxy: { host: "shop.test", app_port: 3000 },
        readiness_delay: 1,
      });
      await done(program.run("config", "set", "--secret", "--path", "slipway:registry.password", password));
    },
    entry: "node_modules/slipway/program.js",
    project: { runtime: AS_IT_IS, main: "node_modules/slipway/program.js", options: ALWAYS },
    manifest: {},
    packages: [],
  },
};

type Pair = readonly [manager: PackageManager, kind: string];

/** What the README begins with. */
const FREQUENT: readonly Pair[] = [["npm", "a stack's file alone"]];
const OTHERS: readonly Pair[] = Object.keys(PACKAGE_MANAGERS)
  .flatMap((manager) => Object.keys(PROGRAMS).map((kind) => [manager as PackageManager, kind] as const))
  .filter(([manager, kind]) => !FREQUENT.some((pair) => pair[0] === manager && pair[1] === kind));

let lab: Lab;
let host: LabHost;
let image: string;
let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-tarball-"));
  lab = await freshHosts(1);
  host = hostOf(lab);
  [image, tarball] = await Promise.all([pinnedImage(lab, "v1"), buildPackage().then(() => pack(folder))]);
});
// A destroy removes the image of the proxy, which the host cannot get again.
beforeEach(() => lab.reset());
afterAll(() => rm(folder, { recursive: true, force: true }));

function textIn({ imports, exports }: typeof ES_MODULE): string {
  const { server, username, password } = lab.registry;
  return `${imports}
const web = new slipway.Server("web-1", { address: "${host.address}", hostKey: ${JSON.stringify(host.hostKey)} });
const shop = new slipway.App("shop", {
  image: "${image}",
  servers: web,
  registry: ${JSON.stringify({ server, username, password })},
  proxy: { host: "shop.test", appPort: 3000 },
  readinessDelay: 1,
});
${exports}
`;
}

function layoutOf(manager: PackageManager, kind: ProgramKind): Layout {
  const { entry, project, manifest, packages, files = {} } = kind;
  return {
    entry,
    project,
    startedBy: "user",
    async install(at, name) {
      const all = { "package.json": JSON.stringify({ name, private: true, ...manifest }), ...files };
      await Promise.all(Object.entries(all).map(([file, text]) => writeFile(join(at, file), text)));
      await PACKAGE_MANAGERS[manager](at, [tarball, `@pulumi/pulumi@${PULUMI_VERSION}`, ...packages]);
    },
  };
}

describe("the package, installed", () => {
  const TITLE = "by %s, for %s: deploys, has nothing to do afterwards, and is destroyed";
  it.each(FREQUENT)(TITLE, expectToWork);
  it.each(OTHERS)(TITLE, { tags: "long" }, expectToWork);

  async function expectToWork(manager: PackageManager, kind: string): Promise<void> {
    const chosen = PROGRAMS[kind];
    if (chosen === undefined) throw new Error(`no program ${kind}`);
    await using program = await LabProgram.create(lab, "acme", layoutOf(manager, chosen));
    await chosen.declare(program);
    await done(program.run("up", "--yes", "--skip-preview"));
    expect(await liveOf(host, "shop")).toMatchObject({ state: "running" });
    const next = await done(program.run("preview", "--expect-no-changes"));
    expect(summaries(next)).toEqual([[expect.stringMatching(/^\d+ unchanged$/)]]);
    await done(program.run("destroy", "--yes"));
    expect(await containersOf(host, "shop")).toEqual([]);
  }
});
