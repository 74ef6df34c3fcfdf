import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8"));
const Lock = z.object({ packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })) });
const Manifest = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

it("package.json says of each dependency with an install script whether npm runs it: only that of node", () => {
  const { packages } = Lock.parse(read("package-lock.json"));
  const { allowScripts } = Manifest.parse(read("package.json"));
  const withScripts = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript);
  const names = new Set(withScripts.map((path) => path.replace(/^.*node_modules\//, "")));
  expect(Object.keys(allowScripts).sort()).toEqual([...names].sort());
  expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(["node"]);
});
