import { describe, expect, it } from "vitest";
import { read } from "../fixture.ts";

describe("registry", () => {
  it.each([
    ["encrypted in place", { password: "pa55" }, ["registry"]],
    ["as a list with a name", { password: ["PASS"] }, ["secrets"]],
    ["as a name", { password: "PASS" }, ["secrets"]],
  ])("takes a password %s", (_, part, sealed) => {
    const registry = { server: "ghcr.io", username: "u", ...part };
    expect(read({ registry, secrets: sealed.includes("secrets") ? { PASS: "pa55" } : {} }, { sealed }).registry).toEqual({
      server: "ghcr.io",
      username: "u",
      password: "pa55",
    });
  });

  it("takes a username from the secrets", () => {
    expect(read({ registry: { username: ["U"], password: ["P"] }, secrets: { U: "me", P: "x" } }).registry).toEqual({
      server: "docker.io",
      username: "me",
      password: "x",
    });
  });
});
