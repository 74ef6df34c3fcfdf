/** package.json of the published package, made from that of the repository. */
import { z } from "zod";
import { BUNDLED } from "./bundle.ts";

const Versions = z.record(z.string(), z.string());

/** What it takes of package.json. */
export const Root = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  keywords: z.array(z.string()),
  dependencies: Versions,
  peerDependencies: Versions,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })),
});

/** From here on `require()` takes an ES module, which a CommonJS program needs, and `findPackageJSON` exists. */
const NODE = ">=22.14";

/** The declarations of all that the package exports. */
export const TYPES = "components/index.d.ts";

/** @param repository its address; undefined: not in the package. npm refuses provenance unless it is the one that the workflow ran in */
export function manifestOf(root: z.infer<typeof Root>, repository: string | undefined): Record<string, unknown> {
  const { name, version, description, license, keywords, dependencies, peerDependencies, peerDependenciesMeta } = root;
  return {
    name,
    version,
    description,
    license,
    keywords,
    ...(repository === undefined ? {} : { repository: { type: "git", url: `git+${repository}.git` } }),
    type: "module",
    // For `moduleResolution: node`, which does not read `exports`.
    main: "./components/index.js",
    types: `./${TYPES}`,
    exports: {
      ".": { types: `./${TYPES}`, default: "./components/index.js" },
      // The state of every stack names it, so it stays for ever. It is loaded by Pulumi and not meant for programs.
      "./provider": "./providers/index.js",
      "./schema.json": "./config/slipway.schema.json",
      "./package.json": "./package.json",
    },
    bin: { slipway: "./cli/main.js" },
    engines: { node: NODE },
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([dependency]) => !isBundled(dependency))),
    peerDependencies,
    peerDependenciesMeta,
  };
}

const isBundled = (dependency: string): boolean => BUNDLED.some((name) => name === dependency);
