import { describe, expect, it } from "vitest";
import { secretsFingerprint } from "../../../../core/container/fingerprint.ts";
import type { RoleSpec } from "../../../../core/release/role.ts";
import { fleetHash, releaseId, specHash } from "../../../../core/release/spec.ts";
import { ROUTE, WEB } from "../../providers/release/fixture.ts";

const IMAGE = `sha256:${"9".repeat(64)}`;
const hash = (changes: Partial<RoleSpec> = {}): string => specHash(IMAGE, "1.4.2", { ...WEB, ...changes });

describe("the spec hash", () => {
  it("is the same on every machine and in every version of this program", () => expect(hash()).toBe("01288c06"));

  it("does not depend on the order of keys", () => {
    const reversed = Object.fromEntries(Object.entries(WEB).reverse()) as RoleSpec;
    expect(specHash(IMAGE, "1.4.2", reversed)).toBe(hash());
    expect(hash({ env: { A: "1", B: "2" } })).toBe(hash({ env: { B: "2", A: "1" } }));
  });

  it("is the same for a field that is left out and one that is undefined", () => {
    const undefinedCommand = { ...WEB, command: undefined } as unknown as RoleSpec;
    expect(specHash(IMAGE, "1.4.2", undefinedCommand)).toBe(hash());
  });

  const deciding: Readonly<Record<string, Partial<RoleSpec>>> = {
    command: { command: ["/app", "serve"] },
    env: { env: { RATE_LIMIT: "11" } },
    "the source of a secret": { secretEnv: { STRIPE_KEY: "OTHER" } },
    "the value of a secret": { secretsFingerprint: "beef" },
    labels: { labels: { team: "checkout" } },
    memory: { options: { ...WEB.options, memory: 1 } },
    "restart policy": { options: { ...WEB.options, restart: { name: "no" } } },
    capabilities: { options: { ...WEB.options, capAdd: ["NET_ADMIN"] } },
    mounts: { mounts: [{ source: "/a", target: "/b", readOnly: false }] },
    "a read-only mount": { mounts: [{ source: "/a", target: "/b", readOnly: true }] },
    logging: { logging: { driver: "journald", options: {} } },
    "stop timeout": { stopTimeout: 11 },
    assets: { assets: { path: "/app/public/assets" } },
    "a port of the host": {
      options: { ...WEB.options, publish: [{ ip: "127.0.0.1", hostPort: 8080, containerPort: 80, protocol: "tcp" }] },
    },
  };
  it.each(Object.entries(deciding))("changes with %s", (_field, changes) => expect(hash(changes)).not.toBe(hash()));

  it("distinguishes every deciding field from every other", () => {
    const hashes = Object.values(deciding).map((changes) => hash(changes));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("does not change with how a container is replaced", () => expect(hash({ stopDelay: 5 })).toBe(hash()));

  it("changes with the image and the version", () => {
    expect(specHash(IMAGE.replaceAll("9", "8"), "1.4.2", WEB)).not.toBe(hash());
    expect(specHash(IMAGE, "1.4.3", WEB)).not.toBe(hash());
  });

  it("does not change with the hosts or the route: neither may replace a container", () => {
    expect(hash({ hosts: ["web-9"] })).toBe(hash());
    expect(hash({ proxy: { ...ROUTE, hosts: ["other.example"], appPort: 80 } })).toBe(hash());
    const { proxy: _none, ...unproxied } = WEB;
    expect(specHash(IMAGE, "1.4.2", unproxied)).toBe(hash());
  });

  it("does not change with how many there are, how they come and how they prove themselves", () => {
    expect(hash({ replicas: 3 })).toBe(hash());
    expect(hash({ strategy: "stop-first" })).toBe(hash());
    expect(hash({ ready: { by: "http", port: 9000, path: "/up", timeout: 5 } })).toBe(hash());
    expect(hash({ on: { "web-1": { env: {}, secretEnv: {}, secretsFingerprint: "" } } })).toBe(hash());
  });

  it("is the second half of the release id", () => expect(releaseId("1.4.2", "ab12cd34")).toBe("1.4.2-ab12cd34"));
});

describe("the release of a fleet", () => {
  it("is named after its one spec", () => {
    expect(fleetHash(["ab12cd34"])).toBe("ab12cd34");
    expect(fleetHash(["ab12cd34", "ab12cd34"])).toBe("ab12cd34");
  });
  it("is named after all its specs, in whatever order", () => {
    expect(fleetHash(["aaaaaaaa", "bbbbbbbb"])).toBe(fleetHash(["bbbbbbbb", "aaaaaaaa", "bbbbbbbb"]));
    expect(fleetHash(["aaaaaaaa", "bbbbbbbb"])).not.toBe(fleetHash(["aaaaaaaa", "cccccccc"]));
    expect(fleetHash(["aaaaaaaa", "bbbbbbbb"])).toMatch(/^[0-9a-f]{8}$/);
  });
});

describe("the fingerprint of secrets", () => {
  const canary = { STRIPE_KEY: "sk_live_canary" };

  it("shows a changed value, name or salt, and not the order", () => {
    const base = secretsFingerprint(canary, "shop/production");
    expect(secretsFingerprint({ ...canary }, "shop/production")).toBe(base);
    expect(secretsFingerprint({ STRIPE_KEY: "sk_live_other" }, "shop/production")).not.toBe(base);
    expect(secretsFingerprint({ OTHER: "sk_live_canary" }, "shop/production")).not.toBe(base);
    expect(secretsFingerprint(canary, "shop/staging")).not.toBe(base);
    expect(secretsFingerprint({ A: "1", B: "2" }, "s")).toBe(secretsFingerprint({ B: "2", A: "1" }, "s"));
  });
  it("holds nothing of the value, plain, in hex or in base64", () => {
    const value = "sk_live_canary";
    const fingerprint = secretsFingerprint(canary, "shop/production");
    for (const shape of [value, Buffer.from(value).toString("hex"), Buffer.from(value).toString("base64")])
      expect(fingerprint).not.toContain(shape);
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
  });
  it("is empty where there is no secret, and costs nothing", () => expect(secretsFingerprint({}, "shop")).toBe(""));
  it("costs an attacker at least 5 ms for each guess", () => {
    const start = performance.now();
    for (let guess = 0; guess < 3; guess += 1) secretsFingerprint({ PIN: `${guess}` }, "shop");
    expect((performance.now() - start) / 3).toBeGreaterThan(5);
  });
});
