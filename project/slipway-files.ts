import { existsSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { treeOf } from "./files.ts";
import { manifestAt } from "./manifest.ts";

/** This package: where it is, and what programs call it. */
export const SLIPWAY = ownPackage(import.meta.dirname);

function ownPackage(folder: string): { readonly root: string; readonly name: string } {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return ownPackage(dirname(folder));
  return { root: folder, name: manifestAt(manifest).name ?? "" };
}

/** What a program loads of it. */
const FOLDERS = ["core", "registry", "config", "hosts", "providers", "components", "project"];

const isInstalled = SLIPWAY.root.includes(`${sep}node_modules${sep}`);

/** Slipway's own code: of an installed package the version, of a checkout every file. */
export function slipwayFiles(): string[] {
  const manifest = join(SLIPWAY.root, "package.json");
  if (isInstalled) return [manifest];
  const folders = FOLDERS.map((name) => join(SLIPWAY.root, name));
  return [manifest, join(SLIPWAY.root, "package-lock.json"), ...folders.flatMap((folder) => treeOf(folder))].filter(existsSync);
}

/** Whether a path is in Slipway's own code: that does not read a project's files but as its config says. */
export function isSlipway(path: string): boolean {
  const real = existsSync(path) ? realpathSync(path) : path;
  return [SLIPWAY.root, ...FOLDERS.map((name) => join(SLIPWAY.root, name))].some((folder, at) =>
    at === 0 ? real === folder : `${real}${sep}`.startsWith(folder + sep),
  );
}
