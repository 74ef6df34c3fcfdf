import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { SLIPWAY } from "../slipway-files.ts";

/** The packages that a new project may have: this version of Slipway, and what it is made for. */
export function ownVersions(): Record<string, string> {
  const manifest = parseJson(readFileSync(join(SLIPWAY.root, "package.json"), "utf8"));
  const { version, peerDependencies } = isMap(manifest) ? manifest : {};
  const peers = isMap(peerDependencies) ? Object.entries(peerDependencies) : [];
  return Object.fromEntries([
    ["slipway", String(version)],
    // The first version that a range allows is the tested one.
    ...peers.map(([name, range]) => [name, String(range).replace(/^[\^~]/, "")]),
  ]);
}
