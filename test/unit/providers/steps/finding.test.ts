import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConnectionLost, DockerRefusal } from "../../../../hosts/index.ts";
import { FoundProxy } from "../../../../providers/proxy/inputs.ts";
import { FoundSchedule } from "../../../../providers/schedule/found.ts";
import { obstacleOf, orUnreachable } from "../../../../providers/steps/finding.ts";

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
    for (const lost of [new ConnectionLost("web-1", "no answer"), new DockerRefusal(500, "no answer")])
      expect(await orUnreachable("web-1", () => Promise.reject(lost))).toEqual({
        kind: "unreachable",
        reason: expect.stringContaining("no answer"),
      });
  });

  it("of an answer that is not understood says so, and what was wrong with it", async () => {
    const answer = z.array(z.object({ options: z.object({ strip_prefix: z.boolean() }) }));
    const found = await orUnreachable("web-1", async () => ({ kind: "present", routes: answer.parse([{ options: {} }]) }));
    expect(obstacleOf(found)).toMatch(
      /^could not be observed: an answer was not understood: 0: options: strip_prefix: .*boolean/,
    );
  });

  it("that fails in another way does not call the host unreachable", async () => {
    const found = await orUnreachable("web-1", () => Promise.reject(new TypeError("x is undefined")));
    expect(obstacleOf(found)).toBe("could not be observed: x is undefined");
  });
});
