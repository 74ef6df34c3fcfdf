import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Display, type DisplayOptions } from "../../../../cli/engine/display.ts";
import { type EngineEvent, parseEvent, typeAndName } from "../../../../cli/engine/event.ts";
import { NO_STATUS } from "../../../../providers/pulumi/report.ts";

const RELEASE = "urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Release::shop";
const STACK = "urn:pulumi:production::shop::pulumi:pulumi:Stack::shop-production";

const said = (message: string, more: Partial<NonNullable<EngineEvent["diagnosticEvent"]>> = {}): EngineEvent => ({
  diagnosticEvent: { urn: RELEASE, message, severity: "info", ephemeral: false, ...more },
});
const step = (op: string, urn: string, type: string): EngineEvent => ({ resourcePreEvent: { metadata: { op, urn, type } } });

/** A screen that a test reads. */
function aScreen({ isTTY, ...options }: { isTTY: boolean } & DisplayOptions) {
  const [out, err]: [string[], string[]] = [[], []];
  const screen = {
    out: { isTTY, columns: 40, write: (text: string) => out.push(text) > 0 },
    err: { write: (text: string) => err.push(text) > 0 },
  };
  const display = new Display(screen, options);
  return { display, out: () => out.join(""), err: () => err.join("") };
}

const onHost = (noun: string, host: string, text: string): EngineEvent =>
  said(`${host}   ${text}`, { urn: RELEASE.replace("Release::shop", `${noun}::${host}-${noun.toLowerCase()}`) });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what many hosts show", () => {
  const hosts = Array.from({ length: 30 }, (_, at) => `web-${at + 1}`);

  it("is one line for what is the same on all of them, in one order, at the end of a preview", () => {
    const { display, out } = aScreen({ isTTY: false, together: Number.POSITIVE_INFINITY });
    display.hear(said("release v2\n  web-1 … web-30  start shop"));
    for (const host of hosts.toReversed()) {
      display.hear(onHost("Proxy", host, "run kamal-proxy"));
      vi.advanceTimersByTime(5_000);
      display.hear(onHost("DockerEngine", host, host === "web-7" ? "start Docker, found stopped" : "install Docker"));
    }
    expect(out()).toBe("");
    display.end("61 to create, 0 unchanged");
    expect(out()).toBe(
      [
        "slipway:DockerEngine (29)",
        "  web-1 … web-6, web-8 … web-30   install Docker",
        "slipway:DockerEngine web-7-dockerengine",
        "  web-7   start Docker, found stopped",
        "slipway:Proxy web-1-proxy … web-30-proxy",
        "  web-1 … web-30   run kamal-proxy",
        "slipway:Release shop",
        "  release v2",
        "    web-1 … web-30  start shop",
        "61 to create, 0 unchanged",
        "",
      ].join("\n"),
    );
  });

  it("is a status once where it is the same on all of them", () => {
    const { display, out } = aScreen({ isTTY: false });
    for (const host of hosts)
      display.hear(said("apt-get update", { urn: RELEASE.replace("Release::shop", `DockerEngine::${host}`), ephemeral: true }));
    expect(out()).toBe("  apt-get update\n");
    vi.advanceTimersByTime(10_000);
    display.hear(said("apt-get update", { ephemeral: true }));
    expect(out()).toBe("  apt-get update\n  apt-get update\n");
  });
});

describe("what a deploy shows", () => {
  it("is the plan a moment after it was said, above the statuses, and before an error", () => {
    const { display, out, err } = aScreen({ isTTY: false });
    display.hear(said("release v2"));
    display.hear(said("pull 0/1", { ephemeral: true }));
    expect(out()).toBe("");
    vi.advanceTimersByTime(400);
    expect(out()).toBe("slipway:Release shop\n  release v2\n  pull 0/1\n");
    display.hear(said("v1 stays"));
    display.hear(said("not released", { severity: "error" }));
    expect(out()).toContain("v1 stays");
    expect(err()).toBe("error: not released\n");
  });

  it("ends with the report of a release, whatever else was shown just before", () => {
    const { display, out } = aScreen({ isTTY: false });
    display.hear(said("release v2"));
    display.hear(said("drained 1/1", { ephemeral: true }));
    display.hear(said("released v2 in 3.1 s"));
    display.end("1 changed");
    expect(out()).toBe("slipway:Release shop\n  release v2\n  drained 1/1\n  released v2 in 3.1 s\n");
  });

  it("does not repeat a step of a plan without a terminal", () => {
    const { display, out } = aScreen({ isTTY: false });
    display.hear(onHost("Proxy", "web-1", "create network kamal · run kamal-proxy"));
    for (const line of ["create network kamal", "run kamal-proxy", "waiting for web-1"])
      display.hear(said(line, { ephemeral: true }));
    display.end("done in 2 s");
    expect(out()).toBe(
      "slipway:Proxy web-1-proxy\n  web-1   create network kamal · run kamal-proxy\n  waiting for web-1\ndone in 2 s\n",
    );
  });

  it("takes the status of what is done from the terminal, and is no line without one", () => {
    for (const isTTY of [true, false]) {
      const { display, out } = aScreen({ isTTY });
      display.hear(said("healthy 0/1", { ephemeral: true }));
      display.hear(said(NO_STATUS, { ephemeral: true }));
      expect(out()).toBe(isTTY ? "  healthy 0/1\r\u001b[2K" : "  healthy 0/1\n");
    }
  });

  it("is the plan under its resource, a line for each status without a terminal, and how it ended", () => {
    const { display, out, err } = aScreen({ isTTY: false });
    display.hear(step("same", STACK, "pulumi:pulumi:Stack"));
    display.hear(said("release v2 (was v1)\n  web-1  start shop\n"));
    display.hear(step("update", RELEASE, "pulumi-nodejs:dynamic/slipway:Release"));
    display.hear(said("pull 1/1", { ephemeral: true }));
    display.hear(said("pull 1/1", { ephemeral: true }));
    vi.advanceTimersByTime(400);
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

  it("names in an error the command that was typed", () => {
    const { display, err } = aScreen({ isTTY: false, command: "slipway deploy" });
    display.hear(said("not released\n  next: fix it, then run pulumi up again", { severity: "error" }));
    expect(err()).toBe("error: not released\n  next: fix it, then run slipway deploy again\n");
  });

  it("gives the line to type without a Pulumi on PATH", () => {
    const { display, err } = aScreen({ isTTY: false, command: "slipway deploy" });
    const line = "pulumi config set --stack prod --path 'slipway:proxy.app_port' 8080 && pulumi up --stack prod";
    display.hear(said(`not released\n  next: ${line}`, { severity: "error" }));
    expect(err()).toBe(
      "error: not released\n  next: npx slipway pulumi config set --stack prod --path 'slipway:proxy.app_port' 8080 && npx slipway deploy --stack prod\n",
    );
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
    display.end("done in 2 s");
    expect(out()).toBe("create hcloud:index/server:Server web-2\ndelete slipway:Proxy web-2-proxy\ndone in 2 s\n");
  });

  it("does not repeat the plan that a preview has shown", () => {
    const first = aScreen({ isTTY: false });
    first.display.hear(said("release v2"));
    const second = aScreen({ isTTY: false, said: first.display.said });
    second.display.hear(said("release v2"));
    second.display.hear(said("released v2 in 1 s"));
    second.display.end("done in 2 s");
    expect(second.out()).toBe("slipway:Release shop\n  released v2 in 1 s\n");
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
    expect(typeAndName(RELEASE)).toEqual({ type: "slipway:Release", name: "shop" });
  });
});
