import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const OWN_TYPESCRIPT = "@pulumi/pulumi/vendor/typescript@3.8.3";
const LATE = [
  "typescript",
  OWN_TYPESCRIPT,
  "@npmcli/arborist",
  "@grpc/proto-loader",
  "execa",
  "@pulumi/pulumi/automation",
  "semver",
];

/** What a Node process prints that was started as the engine starts the program and the providers. */
async function output(script: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const args = ["--require", join(ROOT, "cli", "engine", "lean.cjs"), "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { PATH: process.env.PATH, ...env } });
  return stdout.trim();
}

/** Loads a package, and prints which of the seldom used ones came with it. */
const loadedWith = (name: string): string => `
require(${JSON.stringify(name)});
const loaded = Object.keys(require.cache);
console.log(${JSON.stringify(LATE)}.filter((name) => loaded.some((file) => file.includes("/node_modules/" + name + "/"))).join(" "));`;

/** As in a project without TypeScript, where the SDK takes its own copy. */
const WITHOUT_TYPESCRIPT = `
const Module = require("node:module");
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  if (request === "typescript") throw Object.assign(new Error("no typescript"), { code: "MODULE_NOT_FOUND" });
  return resolve.call(this, request, ...rest);
};`;

describe("a Node process of a run", () => {
  it.each(["@pulumi/pulumi", "dockerode"])("loads %s without the packages that Slipway does not use", async (name) => {
    expect(await output(loadedWith(name))).toBe("");
  });

  it("loads everything at once with SLIPWAY_PLAIN=1", async () => {
    expect(await output(loadedWith("@pulumi/pulumi"), { SLIPWAY_PLAIN: "1" })).toContain("typescript");
    expect(await output(loadedWith("dockerode"), { SLIPWAY_PLAIN: "1" })).toContain("@grpc/proto-loader");
  });

  it("loads a package at its first use, and then it is the real one", async () => {
    const script = `
      const late = require("typescript");
      const before = Object.keys(require.cache).some((file) => file.includes("/node_modules/typescript/"));
      const result = late.transpileModule("const a: number = 1;", {}).outputText.split("\\n").at(-2);
      console.log(before, result, "ScriptTarget" in late);`;
    expect(await output(script)).toBe("false const a = 1; true");
  });

  it("loads no TypeScript of the SDK's own either, where the project has none", async () => {
    const script = WITHOUT_TYPESCRIPT + loadedWith("@pulumi/pulumi");
    expect(await output(script)).toBe("");
    expect(await output(script, { SLIPWAY_PLAIN: "1" })).toContain(OWN_TYPESCRIPT);
  });

  it.each([
    ["the project's TypeScript", ""],
    ["the SDK's own", WITHOUT_TYPESCRIPT],
  ])("serializes a function with %s", async (_, before) => {
    const script = `${before}
      const { runtime } = require("@pulumi/pulumi");
      const captured = { text: "captured" };
      runtime.serializeFunction(() => captured.text).then(({ text }) => console.log(/text: "captured"/.test(text)));`;
    expect(await output(script)).toBe("true");
  });

  it("is not debugged before it serializes a function", async () => {
    const run = join(ROOT, "node_modules", "@pulumi", "pulumi", "cmd", "run");
    const script = `
      const load = require("node:module").createRequire(${JSON.stringify(join(run, "index.js"))});
      load("../../runtime/closure/v8Hooks").isInitializedAsync().then(() => {
        console.log(Object.keys(require.cache).some((file) => file.endsWith("v8Hooks.js")));
      });`;
    expect(await output(script)).toBe("false");
    expect(await output(script, { SLIPWAY_PLAIN: "1" })).toBe("true");
  });

  it("loads the automation API for a program that uses it", async () => {
    const script = `
      const { automation } = require("@pulumi/pulumi");
      console.log(typeof automation.LocalWorkspace.createStack, new automation.CommandError({}) instanceof Error);`;
    expect(await output(script)).toBe("function true");
  });

  it("reports a missing package at once, as Node does", async () => {
    const script = `try { require("ts-node"); console.log("loaded"); } catch (error) { console.log(error.code); }`;
    expect(await output(script)).toBe("MODULE_NOT_FOUND");
  });
});
