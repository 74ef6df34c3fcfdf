import { expect, it } from "vitest";
import { maskOf } from "../../../../providers/pulumi/mask.ts";

const SECRETS = { TOKEN: "sk_live_canary", KEY: "-----BEGIN KEY-----\nc2VjcmV0LWxpbmU\n-----END KEY-----\n", FLAG: "true" };
const mask = maskOf({ get: (key) => (key === "slipway:secrets" ? JSON.stringify(SECRETS) : undefined) });

it("hides the values of secrets, and each line of those of several", () => {
  expect(mask("login with sk_live_canary\n+ c2VjcmV0LWxpbmU")).toBe("login with [secret]\n+ [secret]");
});

it("leaves words that are a value by chance", () => expect(mask("it is true")).toBe("it is true"));

it("without secrets changes nothing", () => expect(maskOf(undefined)("text")).toBe("text"));
