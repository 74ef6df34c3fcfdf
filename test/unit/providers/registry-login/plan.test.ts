import { describe, expect, it } from "vitest";
import { registryLoginProvider } from "../../../../providers/registry-login/provider.ts";

const login = (changes: object = {}) =>
  registryLoginProvider.inputs.parse({
    schema: 1,
    host: { name: "web-1", address: "203.0.113.10", port: 22, user: "root" },
    server: "registry.example",
    username: "AWS",
    password: "one",
    ...changes,
  });

describe("a login to a registry", () => {
  it.each([
    ["another password", {}, { password: "two" }, true],
    ["another token in the place of one that expires", { expires: true }, { expires: true, password: "two" }, false],
    ["a token that expires in the place of a password", {}, { expires: true, password: "two" }, false],
    ["a password in the place of a token that expires", { expires: true }, { password: "two" }, true],
    ["another user", { expires: true }, { expires: true, username: "other" }, true],
    ["another registry", { expires: true }, { expires: true, server: "other.example" }, true],
  ])("with %s: made again is %j", (_, before, now, changes) => {
    expect(registryLoginProvider.plan(login(now), login(before)).changes).toBe(changes);
  });
});
