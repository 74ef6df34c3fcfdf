import { describe, expect, it } from "vitest";
import { requireExpected } from "../../../project/expected-config.ts";

describe("the config that a rollback has written", () => {
  it("is what its run reads, or that run ends before it declares anything", () => {
    expect(() => requireExpected("1a", "1a")).not.toThrow();
    expect(() => requireExpected("1a", "2b")).toThrow("code: STACK_CONFIG_ELSEWHERE");
  });

  it("is nothing that any other run knows of", () => {
    expect(() => requireExpected("1a", undefined)).not.toThrow();
  });
});
