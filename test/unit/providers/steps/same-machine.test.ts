import { describe, expect, it } from "vitest";
import { DockerEngineInputs } from "../../../../providers/docker-engine/inputs.ts";
import { dockerEngineProvider } from "../../../../providers/docker-engine/provider.ts";
import { FirewallInputs } from "../../../../providers/firewall/inputs.ts";
import { firewallProvider } from "../../../../providers/firewall/provider.ts";
import { HardeningInputs } from "../../../../providers/hardening/inputs.ts";
import { hardeningProvider } from "../../../../providers/hardening/provider.ts";
import { ProxyInputs } from "../../../../providers/proxy/inputs.ts";
import { proxyProvider } from "../../../../providers/proxy/provider.ts";
import type { Intent } from "../../../../providers/pulumi/provider.ts";
import { registryLoginProvider } from "../../../../providers/registry-login/provider.ts";
import { ScheduleInputs } from "../../../../providers/schedule/inputs.ts";
import { scheduleProvider } from "../../../../providers/schedule/provider.ts";

const stack = "slipway/production";
const unreachable = { kind: "unreachable", reason: "no answer" } as const;
/** Two machines behind one address that forwards a port to each. */
const at = (port: number) => ({ name: "web-1", address: "203.0.113.10", port, user: "root" });
const base = (port: number) => ({ schema: 1 as const, host: at(port) });

const running = { status: "running" as const };
const proxy = (port: number) =>
  ProxyInputs.parse({
    ...base(port),
    ...running,
    stack,
    image: "basecamp/kamal-proxy:v0.9.2",
    publish: [],
    options: [],
    logMaxSize: "1m",
  });
const docker = (port: number) =>
  DockerEngineInputs.parse({ ...base(port), ...running, patience: 0, install: true, settings: {} });
const firewall = (port: number) =>
  FirewallInputs.parse({ ...base(port), stack, ssh: ["0.0.0.0/0"], open: [], status: "closed but for these" });
const hardening = (port: number) =>
  HardeningInputs.parse({ ...base(port), user: "deploy", patience: 0, status: "key only, no root login" });
const schedule = (port: number) =>
  ScheduleInputs.parse({
    ...base(port),
    ...running,
    stack,
    service: "shop",
    image: "node:24-slim",
    programs: "p1",
    backups: {},
    jobs: {},
    secrets: {},
  });
const login = (port: number) => ({ ...base(port), server: "ghcr.io", username: "deploy", password: "secret" });

describe("another port of the same address is a different machine", () => {
  const replaced: readonly (readonly [what: string, intent: Intent])[] = [
    ["kamal-proxy", proxyProvider.plan(proxy(2202), { ...proxy(2201), found: unreachable })],
    ["Docker", dockerEngineProvider.plan(docker(2202), { ...docker(2201), found: unreachable })],
    ["the firewall", firewallProvider.plan(firewall(2202), { ...firewall(2201), found: unreachable })],
    ["the schedule", scheduleProvider.plan(schedule(2202), { ...schedule(2201), found: unreachable })],
  ];
  it.each(replaced)("%s is set up there before the old one is removed", (_what, intent) => {
    expect(intent).toMatchObject({ changes: true, replace: { because: ["host"], first: "create" } });
    expect(intent.text).toMatch(/^web-1 now points to a different machine {3}/);
  });

  it("SSH is hardened there too; nothing is undone on the old one", () => {
    const state = { ...hardening(2201), found: unreachable, connection: at(2201) };
    const intent = hardeningProvider.plan(hardening(2202), state);
    expect(intent).toMatchObject({ changes: true });
    expect(intent.replace).toBeUndefined();
    expect(intent.text).toMatch(/^web-1 now points to a different machine {3}give deploy login/);
  });

  it("a registry login is checked there again", () => {
    expect(registryLoginProvider.plan(login(2202), login(2201)).changes).toBe(true);
    expect(registryLoginProvider.plan(login(2202), login(2202)).changes).toBe(false);
  });
});
