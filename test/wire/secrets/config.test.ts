import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RawConfig } from "../../../config/index.ts";
import { SlipwayError } from "../../../core/error.ts";
import { completeConfig } from "../../../secrets/index.ts";
import { withKeysOfSources } from "../../../secrets/key-data.ts";
import { Machine, prints } from "./tools.ts";

const raw = (values: Readonly<Record<string, unknown>>): RawConfig => ({
  values: Object.fromEntries(
    Object.entries({ service: "shop", image: "shop:1", servers: ["203.0.113.10"], ...values }).map(([key, value]) => [
      `slipway:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ),
  secretKeys: new Set(["slipway:secrets"]),
  stack: "production",
  file: "Pulumi.production.yaml",
});
const withStore = (values: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) => {
  const machine = new Machine().program("store", prints(values));
  return {
    machine,
    read: (own: typeof more) => completeConfig(raw({ secrets_from: [{ command: ["store"] }], ...own }), () => machine.asking),
    ...more,
  };
};

describe("a config with sources of secrets", () => {
  it("has their values, those of logins in no state but where they are used, and says which are from where", async () => {
    const { machine, read } = withStore({ A: "1", TOKEN: "t", UNUSED: "u" });
    using _ = machine;
    const { config, sources } = await read({ env: { secret: ["A"] }, registry: { username: "u", password: ["TOKEN"] } });
    expect(config.secrets).toEqual({ A: "1" });
    expect(config.registry?.password).toBe("t");
    expect(sources).toEqual([{ label: "command store", names: ["A", "TOKEN"] }]);
  });

  it("has a fingerprint that changes with what decides a container, and not with a token", async () => {
    const uses = { env: { secret: ["A"] }, registry: { username: "u", password: ["TOKEN"] } };
    const fingerprintOf = async (values: Readonly<Record<string, unknown>>, command: string) => {
      using machine = new Machine().program(command, prints(values));
      return (await completeConfig(raw({ ...uses, secrets_from: [{ command: [command] }] }), () => machine.asking)).fingerprint;
    };
    const [first, token, rotated] = [
      await fingerprintOf({ A: "1", TOKEN: "t1" }, "one"),
      await fingerprintOf({ A: "1", TOKEN: "t2" }, "two"),
      await fingerprintOf({ A: "2", TOKEN: "t2" }, "three"),
    ];
    expect(token).toBe(first);
    expect(rotated).not.toBe(first);
  });

  it("is refused with all that is wrong in it and at its sources", async () => {
    using machine = new Machine();
    const sources = [{ command: ["store-4711"] }, { sops: "s.yaml" }];
    const error = await completeConfig(
      raw({ secrets_from: sources, env: { secret: ["A"] }, proxy: { app_prot: 1 } }),
      () => machine.asking,
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SlipwayError);
    const lines = String((error as SlipwayError).story.what)
      .split("\n")
      .map((line) => line.trim().replace(/ {3,}/, " "));
    expect(lines).toEqual([
      "Pulumi.production.yaml: 3 problems",
      "slipway:proxy.app_prot unknown key; did you mean app_port?",
      "slipway:secrets_from[0] needs store-4711, which is not on PATH: install it, or write its path",
      "slipway:secrets_from[1] needs sops, which is not on PATH: install it: brew install sops, or https://github.com/getsops/sops/releases",
    ]);
  });

  it("asks nothing if it uses nothing of them", async () => {
    using machine = new Machine();
    const { config } = await completeConfig(raw({ secrets_from: [{ sops: "s.yaml" }] }), () => machine.asking);
    expect(config.secrets).toEqual({});
  });
});

describe("private keys for SSH that only a source has", () => {
  const { privateKey } = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const config = (ssh: unknown, sources: unknown) => {
    const values: Record<string, string> = {
      "slipway:ssh": JSON.stringify(ssh),
      "slipway:secrets": '{"OWN":"own"}',
      "slipway:secrets_from": JSON.stringify(sources),
    };
    return { get: (key: string) => values[key] };
  };

  it("are with those of Pulumi, byte for byte", async () => {
    using machine = new Machine().program("keys", prints({ DEPLOY_KEY: privateKey }));
    const found = await withKeysOfSources(
      config({ key_data: ["OWN", "DEPLOY_KEY"] }, [{ command: ["keys"] }]),
      () => machine.asking,
    );
    expect(JSON.parse(found.get("slipway:secrets") ?? "")).toEqual({ OWN: "own", DEPLOY_KEY: privateKey });
  });

  it("are asked for only if one is named", async () => {
    using machine = new Machine();
    const own = config({ key_data: "OWN" }, [{ command: ["missing"] }]);
    expect(await withKeysOfSources(own, () => machine.asking)).toBe(own);
  });

  it("are an error with what the source says", async () => {
    using machine = new Machine().program("refusing", "echo 'no access' >&2; exit 1");
    const found = withKeysOfSources(config({ key_data: "DEPLOY_KEY" }, [{ command: ["refusing"] }]), () => machine.asking);
    await expect(found).rejects.toThrow("slipway:secrets_from[0]: refusing says: no access");
  });
});
