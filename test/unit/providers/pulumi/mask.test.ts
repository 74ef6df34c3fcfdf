import { describe, expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import { Mask } from "../../../../core/mask.ts";
import { safeError, secretsOfConfig, secretsOfInputs } from "../../../../providers/pulumi/mask.ts";

const CONFIG: Readonly<Record<string, string>> = {
  "slipway:secrets": JSON.stringify({
    TOKEN: "sk_live_canary",
    KEY: "-----BEGIN KEY-----\nc2VjcmV0LWxpbmU\n-----END KEY-----\n",
    FLAG: "true",
  }),
  "slipway:registry": JSON.stringify({ server: "ghcr.io", username: "shop-deploy", password: "ghp_canary" }),
};
const mask = new Mask(secretsOfConfig({ get: (key) => CONFIG[key] }));

describe("what a person or a log sees", () => {
  it("has no secret of the config, nor a line of one that has several", () => {
    expect(mask.hide("login with sk_live_canary\n+ c2VjcmV0LWxpbmU")).toBe("login with [secret]\n+ [secret]");
  });

  it("has no password of a registry, and no secret in base64", () => {
    expect(mask.hide("PUT ghp_canary")).toBe("PUT [secret]");
    expect(mask.hide(`auth ${Buffer.from("sk_live_canary").toString("base64")}`)).toBe("auth [secret]");
  });

  it("has no secret of a resource that is in no config", () => {
    const passed = new Mask(secretsOfInputs({ secrets: { DB: "from-a-program" }, registry: { password: "of-a-registry" } }));
    expect(passed.hide("psql from-a-program, of-a-registry")).toBe("psql [secret], [secret]");
    expect(new Mask(secretsOfInputs({ server: "ghcr.io", password: "of-a-login" })).hide("of-a-login")).toBe("[secret]");
  });

  it("has the words that are a value by chance", () => expect(mask.hide("it is true")).toBe("it is true"));

  it("is unchanged without secrets", () => {
    expect(new Mask(secretsOfConfig({ get: () => undefined })).hide("text")).toBe("text");
  });
});

describe("an error that leaves the process", () => {
  it("has no secret in any part of its story", () => {
    const story = {
      code: "SETUP_FAILED",
      what: "sk_live_canary",
      host: "web-1",
      servesNow: "v1",
      next: "unset sk_live_canary",
    } as const;
    const error = safeError(new SlipwayError({ ...story, evidence: ["curl: sk_live_canary"] }), mask);
    expect(error).toBeInstanceOf(SlipwayError);
    expect(String(error)).not.toContain("sk_live_canary");
    expect(String(error)).toContain("  | curl: [secret]");
  });

  it("has no secret and no escapes if it is a bug, and keeps its class", () => {
    const error = safeError(new TypeError("\u001b[2Jsk_live_canary is not a function"), mask);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toBe("TypeError: [secret] is not a function");
    expect(error instanceof Error ? error.stack : "").not.toContain("sk_live_canary");
  });
});
