import { join } from "node:path";
import { messageOf } from "../../core/error.ts";
import { manifestAt } from "../../project/manifest.ts";
import { SLIPWAY } from "../../project/slipway-files.ts";
import { findPulumi } from "../engine/pulumi/found.ts";
import { inspect } from "../engine/pulumi/inspection.ts";
import { print, printJson } from "../terminal/print.ts";

/** What `slipway --version --json` prints. Keys are added, never renamed or removed. */
export interface Versions {
  readonly slipway: string;
  readonly node: string;
  /** The Pulumi that commands use; null if it is missing. */
  readonly pulumi: {
    readonly path: string;
    /** Null if it does not run. */
    readonly version: string | null;
    /** What may be wrong with it. */
    readonly doubts: readonly string[];
  } | null;
}

export async function versions(): Promise<Versions> {
  const { version = "unknown" } = manifestAt(join(SLIPWAY.root, "package.json"));
  return { slipway: version, node: process.versions.node, pulumi: await pulumiVersion() };
}

async function pulumiVersion(): Promise<Versions["pulumi"]> {
  const found = findPulumi();
  if (found === undefined) return null;
  const path = join(found.bin, "pulumi");
  try {
    const { version, doubts } = await inspect(found);
    return { path, version, doubts };
  } catch (thrown) {
    return { path, version: null, doubts: [messageOf(thrown).trim().split("\n")[0] ?? "it does not run"] };
  }
}

export async function showVersion(json: boolean): Promise<void> {
  const found = await versions();
  if (json) printJson(found);
  else print(`${linesOf(found).join("\n")}\n`);
}

/** Pure. The first line is the version of Slipway alone. */
export const linesOf = ({ slipway, node, pulumi }: Versions): string[] => [
  `slipway ${slipway}`,
  `node ${node}`,
  pulumi === null
    ? "pulumi is not there: slipway install fetches it"
    : `pulumi ${pulumi.version ?? "of an unknown version"} (${[pulumi.path, ...pulumi.doubts].join("; ")})`,
];
