import { describe, expect, it } from "vitest";
import type { FoundProxy, ProxyInputs } from "../../../../providers/proxy/inputs.ts";
import { describeProxy, planProxy } from "../../../../providers/proxy/plan.ts";
import { proxyProvider } from "../../../../providers/proxy/provider.ts";

const WANTED: ProxyInputs = {
  schema: 1,
  host: { name: "web-1", address: "203.0.113.10", port: 22, user: "root" },
  stack: "slipway/production",
  image: "basecamp/kamal-proxy:v0.9.2",
  publish: ["443:443", "80:80"],
  options: [],
  logMaxSize: "10m",
  status: "running",
};
const THERE = {
  kind: "present",
  id: "4d".repeat(32),
  network: true,
  image: WANTED.image,
  publish: ["443:443", "80:80"],
  options: [],
  logMaxSize: "10m",
  status: "running",
} as const satisfies FoundProxy;

const planned = (found: FoundProxy, wanted: ProxyInputs = WANTED): string[] =>
  planProxy(wanted, found).map((operation) => describeProxy(operation, wanted));
const GAP = "   gap about 1 s for every app on that host";

describe("the proxy of one host", () => {
  const table: readonly (readonly [found: string, proxy: FoundProxy, steps: readonly string[]])[] = [
    [
      "nothing",
      { kind: "missing", network: false },
      ["create network kamal", "run kamal-proxy basecamp/kamal-proxy:v0.9.2 on 443:443, 80:80"],
    ],
    ["only the network", { kind: "missing", network: true }, ["run kamal-proxy basecamp/kamal-proxy:v0.9.2 on 443:443, 80:80"]],
    ["it running", THERE, []],
    [
      "it stopped",
      { ...THERE, status: "stopped with code 137" },
      ["start kamal-proxy, found stopped with code 137 (drift)   was down"],
    ],
    ["its ports in another order", { ...THERE, publish: ["80:80", "443:443"] }, []],
    ["a newer one", { ...THERE, image: "basecamp/kamal-proxy:v0.10.0" }, []],
    [
      "a newer patch, stopped",
      { ...THERE, image: "basecamp/kamal-proxy:v0.9.10", status: "exited" },
      ["start kamal-proxy, found exited (drift)   was down"],
    ],
    [
      "an older one",
      { ...THERE, image: "basecamp/kamal-proxy:v0.9.1" },
      [`replace kamal-proxy: image basecamp/kamal-proxy:v0.9.1 → basecamp/kamal-proxy:v0.9.2${GAP}`],
    ],
    [
      "one of another repository",
      { ...THERE, image: "mirror.example/basecamp/kamal-proxy:v1.0.0" },
      [`replace kamal-proxy: image mirror.example/basecamp/kamal-proxy:v1.0.0 → basecamp/kamal-proxy:v0.9.2${GAP}`],
    ],
    [
      "a proxy whose version is unknown",
      { ...THERE, image: "basecamp/kamal-proxy:latest" },
      [`replace kamal-proxy: image basecamp/kamal-proxy:latest → basecamp/kamal-proxy:v0.9.2${GAP}`],
    ],
    [
      "one on other ports, with other options and logs, stopped: one replacement for all",
      { ...THERE, publish: [], options: ["--debug"], logMaxSize: "unlimited", status: "exited" },
      [`replace kamal-proxy: ports none → 443:443 80:80; options --debug → none; log size unlimited → 10m${GAP}`],
    ],
    ["it without the network", { ...THERE, network: false }, ["create network kamal"]],
    ["nothing: the host cannot be reached", { kind: "unreachable", reason: "gone" }, []],
  ];
  it.each(table)("finds %s", (_found, proxy, steps) => expect(planned(proxy)).toEqual(steps));

  it("says when nothing is published", () => {
    expect(planned({ kind: "missing", network: true }, { ...WANTED, publish: [] })).toEqual([
      "run kamal-proxy basecamp/kamal-proxy:v0.9.2 on no public port",
    ]);
  });
});

describe("the proxy as a resource", () => {
  const state = (found: FoundProxy) => ({ ...WANTED, found });

  it("does nothing when it runs as declared", () => {
    expect(proxyProvider.plan(WANTED, state(THERE)).changes).toBe(false);
  });
  it("is a first one without state, and drift with it", () => {
    expect(proxyProvider.plan(WANTED, undefined).text).toBe(
      "web-1   create network kamal · run kamal-proxy basecamp/kamal-proxy:v0.9.2 on 443:443, 80:80",
    );
    expect(proxyProvider.plan(WANTED, state({ kind: "missing", network: true })).text).toMatch(/found missing \(drift\)/);
  });
  it("changes while its host cannot be reached, so that the run says so", () => {
    expect(proxyProvider.plan(WANTED, state({ kind: "unreachable", reason: "gone fishing" }))).toEqual({
      changes: true,
      text: "web-1   unreachable: gone fishing",
    });
  });
  it("is created on the new machine before it is removed from the old one", () => {
    const moved = { ...WANTED, host: { ...WANTED.host, address: "203.0.113.99" } };
    expect(proxyProvider.plan(moved, state(THERE))).toMatchObject({
      changes: true,
      replace: { because: ["host"], first: "create" },
      text: expect.stringContaining("web-1 now points to a different machine"),
    });
  });
  it("stays where it is, and the state gets the new SSH user, when only that changes", () => {
    const other = { ...WANTED, host: { ...WANTED.host, user: "deploy" } };
    const { changes, replace, text } = proxyProvider.plan(other, state(THERE));
    expect({ changes, replace, text }).toEqual({ changes: true, replace: undefined, text: "web-1   no change on the host" });
  });
});
