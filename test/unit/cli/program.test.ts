import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseState } from "../../../cli/stack/state.ts";
import { SlipwayError } from "../../../core/error.ts";
import { aRelease, V2 } from "../providers/release/fixture.ts";

const MAIN = join(import.meta.dirname, "..", "..", "..", "cli", "main.ts");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-cli-"));
  // Told at the end of the process: the CommonJS modules that it loaded.
  const watch = `process.on("exit", () => console.error("loaded " + Object.keys(require.cache).join(" ")));`;
  await writeFile(join(folder, "watch.cjs"), watch);
});
afterAll(() => rm(folder, { recursive: true }));

/** One `slipway` in a folder that is no project, without a pulumi. */
function slipway(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const argv = ["--require", join(folder, "watch.cjs"), MAIN, ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, argv, { cwd: folder, env: { PATH: "" } }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe("the command line", () => {
  it("lists its commands", async () => {
    const { code, stdout } = await slipway("--help");
    expect(code).toBe(0);
    for (const name of ["status", "logs", "exec", "accessory", "tunnel"])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
  });

  it.each(["status", "logs", "exec", "tunnel"])("explains %s without loading what only its work needs", async (name) => {
    const { code, stdout, stderr } = await slipway(name, "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("--stack <name>");
    expect(stderr).toContain("/commander/");
    for (const heavy of ["ssh2", "dockerode"]) expect(stderr).not.toContain(`/node_modules/${heavy}/`);
  });

  it.each([
    [["staus"], "(Did you mean status?)"],
    [["logs", "--folow"], "(Did you mean --follow?)"],
    [["logs", "--since", "yesterday"], "10m"],
  ])("refuses %j with code 2 and says what was meant", async (args, meant) => {
    const { code, stdout, stderr } = await slipway(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(meant);
  });

  it("says in the house form what is missing", async () => {
    expect((await slipway("status")).stderr).toMatch(/^error: there is no Pulumi.yaml in .*\n {2}serves now: .*\n {2}next: /);
    await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    const { code, stderr } = await slipway("status", "--stack", "production");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: there is no pulumi on PATH.*\n {2}serves now: .*\n {2}next: install Pulumi/);
  });
});

describe("the state of a stack", () => {
  const URN = "urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Release::shop";
  const SEALED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
  const exported = (outputs: object): string =>
    JSON.stringify({
      version: 3,
      deployment: {
        resources: [
          {
            urn: "urn:pulumi:production::shop::pulumi:pulumi:Stack::shop-production",
            type: "pulumi:pulumi:Stack",
            outputs: { urls: ["https://shop.example"] },
          },
          { urn: URN, type: "pulumi-nodejs:dynamic/slipway:Release", modified: "2026-01-31T12:00:00Z", outputs },
        ],
      },
    });
  const failure = (read: () => unknown): string => {
    try {
      read();
    } catch (thrown) {
      if (thrown instanceof SlipwayError) return thrown.message;
      throw thrown;
    }
    throw new Error("it was read");
  };

  it("gives the release as it was declared, its secrets unread", () => {
    const release = aRelease(V2);
    const sealed = { ...release, secrets: SEALED, registry: { server: "ghcr.io", username: "acme", password: SEALED } };
    expect(parseState(exported(sealed))).toEqual({
      stack: "production",
      inputs: { ...release, secrets: {}, registry: undefined },
      accessories: [],
      schedules: [],
      declaredAt: "2026-01-31T12:00:00Z",
      urls: ["https://shop.example"],
    });
  });

  it("of another version of Slipway is refused, with what differs", () => {
    const { roles: _roles, ...other } = aRelease(V2);
    const told = failure(() => parseState(exported(other)));
    expect(told).toMatch(/^the state of the stack production was written by a version of Slipway/);
    expect(told).toContain("  | roles: ");
  });

  it("without a release says that nothing is released yet", () => {
    const json = JSON.stringify({ version: 3, deployment: {} });
    expect(failure(() => parseState(json))).toMatch(/has released nothing yet/);
  });

  it("that is no state at all is refused", () => {
    expect(failure(() => parseState("oops"))).toMatch(/^what pulumi stack export printed cannot be read/);
  });
});
