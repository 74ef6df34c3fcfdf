import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Display } from "../../../cli/engine/display.ts";
import { type EngineEvent, parseEvent, resourceOf } from "../../../cli/engine/event.ts";
import { parseCheckpoint, stackOf } from "../../../cli/stack/checkpoint.ts";
import { madeFrom } from "../../../core/made-from.ts";

const RELEASE = "urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Release::shop";
const STACK = "urn:pulumi:production::shop::pulumi:pulumi:Stack::shop-production";

const said = (message: string, more: Partial<NonNullable<EngineEvent["diagnosticEvent"]>> = {}): EngineEvent => ({
  diagnosticEvent: { urn: RELEASE, message, severity: "info", ephemeral: false, ...more },
});
const step = (op: string, urn: string, type: string): EngineEvent => ({ resourcePreEvent: { metadata: { op, urn, type } } });

/** A screen that a test reads. */
function aScreen({ isTTY }: { isTTY: boolean }) {
  const [out, err]: [string[], string[]] = [[], []];
  const display = new Display({
    out: { isTTY, columns: 40, write: (text: string) => out.push(text) > 0 },
    err: { write: (text: string) => err.push(text) > 0 },
  });
  return { display, out: () => out.join(""), err: () => err.join("") };
}

describe("what a deploy shows", () => {
  it("is the plan under its resource, a line for each status where nobody watches, and how it ended", () => {
    const { display, out, err } = aScreen({ isTTY: false });
    display.hear(step("same", STACK, "pulumi:pulumi:Stack"));
    display.hear(said("release v2 (was v1)\n  web-1  start shop\n"));
    display.hear(step("update", RELEASE, "pulumi-nodejs:dynamic/slipway:Release"));
    display.hear(said("pull 1/1", { ephemeral: true }));
    display.hear(said("pull 1/1", { ephemeral: true }));
    display.hear(said("released v2 in 0.6 s"));
    display.end("done in 2 s");
    expect(out()).toBe(
      "slipway:Release shop\n  release v2 (was v1)\n    web-1  start shop\n  pull 1/1\n  released v2 in 0.6 s\n",
    );
    expect(err()).toBe("");
  });

  it("replaces the status on a terminal, never wider than it", () => {
    const { display, out } = aScreen({ isTTY: true });
    display.hear(said(`pull ${"x".repeat(100)}`, { ephemeral: true }));
    display.hear(said("healthy 1/1", { ephemeral: true }));
    display.end("done in 2 s");
    const erase = "\r\u001b[2K";
    expect(out()).toBe(`  pull ${"x".repeat(32)}${erase}  healthy 1/1${erase}done in 2 s\n`);
  });

  it("tells an error once, without the engine's own word that it failed", () => {
    const { display, err } = aScreen({ isTTY: false });
    display.hear(said("shop v2 was not released: web-1\n  serves now: v1\n", { severity: "error" }));
    display.hear(said("shop v2 was not released: web-1\n  serves now: v1", { severity: "error" }));
    display.hear(said("update failed", { urn: STACK, severity: "error" }));
    display.endFailed();
    expect(err()).toBe("error: shop v2 was not released: web-1\n  serves now: v1\n");
  });

  it("tells the engine's own word when nothing else was told", () => {
    const { display, err } = aScreen({ isTTY: false });
    display.hear(said("update failed", { urn: STACK, severity: "error" }));
    display.endFailed();
    expect(err()).toBe("error: update failed\n");
  });

  it("names what is removed and what others change, which say nothing themselves", () => {
    const { display, out } = aScreen({ isTTY: false });
    const server = "urn:pulumi:production::shop::hcloud:index/server:Server::web-2";
    const proxy = RELEASE.replace("Release::shop", "Proxy::web-2-proxy");
    display.hear(step("create", server, "hcloud:index/server:Server"));
    display.hear(step("delete", proxy, "pulumi-nodejs:dynamic/slipway:Proxy"));
    display.hear(step("create", "urn:pulumi:production::shop::slipway:Server::web-2", "slipway:Server"));
    expect(out()).toBe("create hcloud:index/server:Server web-2\ndelete slipway:Proxy web-2-proxy\n");
  });

  it("does not repeat the plan that a preview has shown", () => {
    const first = aScreen({ isTTY: false });
    first.display.hear(said("release v2"));
    const written: string[] = [];
    const out = { isTTY: false, columns: 80, write: (text: string) => written.push(text) > 0 };
    const second = new Display({ out, err: out }, first.display.said);
    second.hear(said("release v2"));
    second.hear(said("released v2 in 1 s"));
    expect(written.join("")).toBe("slipway:Release shop\n  released v2 in 1 s\n");
  });

  it("counts what changes, and not what was only looked at", () => {
    const { display } = aScreen({ isTTY: false });
    display.hear({ summaryEvent: { resourceChanges: { same: 5, refresh: 3, update: 1 } } });
    expect(display.changes).toEqual({ update: 1 });
    expect(display.unchanged).toBe(5);
  });
});

describe("a line of the engine", () => {
  it("is an event, or is passed on as it is", () => {
    const line = JSON.stringify({ sequence: 1, diagnosticEvent: { message: "hello", severity: "info", color: "never" } });
    expect(parseEvent(line)).toEqual({ diagnosticEvent: { message: "hello", severity: "info", ephemeral: false } });
    expect(parseEvent("(node:1) Warning")).toBe("(node:1) Warning");
    expect(parseEvent("{ broken")).toBe("{ broken");
    expect(resourceOf(RELEASE)).toBe("slipway:Release shop");
  });
});

describe("what a run was made from", () => {
  const inProject = async (work: (folder: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), "slipway-made-"));
    try {
      await writeFile(join(folder, "Pulumi.yaml"), "name: shop\n");
      await writeFile(join(folder, "Pulumi.production.yaml"), "config: {}\n");
      await writeFile(join(folder, "index.ts"), "export {};\n");
      await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  it.each([
    ["the program", "index.ts", "export const a = 1;\n"],
    ["a new file of it", "more.ts", "\n"],
    ["the stack's config", "Pulumi.production.yaml", "config: {a: 1}\n"],
    ["the lock file", "package-lock.json", "{}\n"],
    ["its environment file", ".env", "A=1\n"],
  ])("differs when %s changes", (_what, file, text) =>
    inProject(async (folder) => {
      const before = madeFrom(folder, "production");
      await writeFile(join(folder, file), text);
      expect(madeFrom(folder, "production")).not.toBe(before);
    }),
  );

  it("follows links to files and folders elsewhere, and none into a circle", () =>
    inProject((folder) =>
      inProject(async (elsewhere) => {
        await symlink(elsewhere, join(folder, "shared"));
        await symlink(folder, join(folder, "circle"));
        await symlink(join(folder, "nowhere"), join(folder, "dangling.ts"));
        const before = madeFrom(folder, "production");
        await writeFile(join(elsewhere, "index.ts"), "export const a = 1;\n");
        expect(madeFrom(folder, "production")).not.toBe(before);
      }),
    ));

  it("is nothing where there is no project", () => {
    expect(madeFrom(tmpdir(), "production")).toBe("");
  });

  it.each([
    ["another stack's config", "Pulumi.staging.yaml"],
    ["a picture", "logo.png"],
    ["an editor's file", ".swp.ts"],
  ])("stays when %s changes", (_what, file) =>
    inProject(async (folder) => {
      const before = madeFrom(folder, "production");
      await writeFile(join(folder, file), "something");
      expect(madeFrom(folder, "acme/shop/production")).toBe(before);
    }),
  );
});

describe("a stack's state", () => {
  const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
  const state = (resource: object, deployment: object = {}) =>
    JSON.stringify({ deployment: { resources: [{ urn: RELEASE, type: "a", ...resource }], ...deployment } });

  it("is read with its secrets sealed", () => {
    const [release] = parseCheckpoint(
      state({ outputs: { secrets: sealed, registry: { username: "lab", password: sealed } } }),
    ).resources;
    expect(release?.outputs).toEqual({ secrets: {}, registry: { username: "lab", password: "[secret]" } });
  });

  it("names its stack, and knows when a run stopped half-way", () => {
    expect(stackOf(parseCheckpoint(state({})))).toBe("production");
    expect(parseCheckpoint(state({})).isUnfinished).toBe(false);
    expect(parseCheckpoint(state({}, { pending_operations: [{}] })).isUnfinished).toBe(true);
    expect(parseCheckpoint(state({ delete: true })).isUnfinished).toBe(true);
    expect(parseCheckpoint(JSON.stringify({ deployment: { resources: null } })).resources).toEqual([]);
  });
});
