import { describe, expect, it } from "vitest";
import { Display } from "../../../../cli/engine/display.ts";
import { type EngineEvent, parseEvent, resourceOf } from "../../../../cli/engine/event.ts";

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
  it("is the plan under its resource, a line for each status without a terminal, and how it ended", () => {
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

  it("passes on nothing that acts on the terminal", () => {
    const { display, out, err } = aScreen({ isTTY: true });
    const escapes = "\u001b]0;owned\u0007\u001b[2J\r\u202e";
    display.hear(said(`${escapes}plan\n${escapes}line`));
    display.hear(said(`${escapes}careful`, { severity: "warning" }));
    display.hear(said(`${escapes}failed`, { severity: "error" }));
    display.pass(`${escapes}a line of a plugin`);
    expect(out()).toBe("slipway:Release shop\n  plan\n  line\n");
    expect(err()).toBe("warning: careful\nerror: failed\na line of a plugin\n");
  });

  it("shows an error once, without the engine's own message that it failed", () => {
    const { display, err } = aScreen({ isTTY: false });
    display.hear(said("shop v2 was not released: web-1\n  serves now: v1\n", { severity: "error" }));
    display.hear(said("shop v2 was not released: web-1\n  serves now: v1", { severity: "error" }));
    display.hear(said("update failed", { urn: STACK, severity: "error" }));
    display.endFailed();
    expect(err()).toBe("error: shop v2 was not released: web-1\n  serves now: v1\n");
  });

  it("shows the engine's own message if there was no other", () => {
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
