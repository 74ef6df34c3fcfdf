import { describe, expect, it } from "vitest";
import { FoundProxy } from "../../../../providers/proxy/inputs.ts";
import { FoundSchedule } from "../../../../providers/schedule/found.ts";
import { orUnreachable } from "../../../../providers/steps/finding.ts";

describe("a finding in state", () => {
  it("is read back as it was written", () => {
    const found: FoundProxy = { kind: "missing", network: true };
    expect(FoundProxy.parse(structuredClone(found))).toEqual(found);
  });

  it("is also read from state of earlier versions, which named its kind otherwise", () => {
    expect(FoundProxy.parse({ is: "missing", network: true })).toEqual({ kind: "missing", network: true });
    expect(FoundSchedule.parse({ is: "reached", parts: [], accessories: {} })).toEqual({
      kind: "present",
      parts: [],
      accessories: {},
    });
  });

  it("is refused when it is neither", () => {
    expect(FoundProxy.safeParse({ is: "elsewhere" }).success).toBe(false);
    expect(FoundProxy.safeParse(undefined).success).toBe(false);
  });
});

describe("an observation", () => {
  it("of an unreachable host is a finding with the reason", async () => {
    const found = await orUnreachable("web-1", () => Promise.reject(new Error("no answer")));
    expect(found).toEqual({ kind: "unreachable", reason: expect.stringContaining("no answer") });
  });
});
