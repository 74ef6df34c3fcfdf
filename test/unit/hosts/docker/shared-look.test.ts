import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SharedLook } from "../../../../hosts/docker/shared-look.ts";

/** A host that others change as well, and a look at it by a clock that only `pass` moves. */
function scene() {
  const host = { changes: 0, lastLoss: undefined as object | undefined };
  const world: Record<string, number> = { a: 0, b: 0 };
  const asked: string[] = [];
  let clock = 0;
  const look = new SharedLook(host, () => clock);
  const ask = (question: string): Promise<number> =>
    look.once(question, async () => {
      asked.push(question);
      return world[question] ?? -1;
    });
  return {
    world,
    asked,
    ask,
    pass: (ms: number) => {
      clock += ms;
    },
    /** A change of ours, or a lease: before it, others may have made some. */
    change: (question: string) => {
      host.changes += 1;
      world[question] = (world[question] ?? 0) + 1;
    },
    lose: (question: string) => {
      host.lastLoss = {};
      world[question] = (world[question] ?? 0) + 1;
    },
  };
}

describe("a look that several share", () => {
  it("asks each question once, and all who ask at the same time get one answer", async () => {
    const { ask, asked } = scene();
    expect(await Promise.all([ask("a"), ask("a"), ask("b")])).toEqual([0, 0, 0]);
    expect(await ask("b")).toBe(0);
    expect(asked).toEqual(["a", "b"]);
  });

  it("asks again after a failure", async () => {
    const look = new SharedLook({ changes: 0, lastLoss: undefined });
    const failing = look.once("a", () => Promise.reject(new Error("no answer")));
    await expect(failing).rejects.toThrow("no answer");
    expect(await look.once("a", async () => 1)).toBe(1);
  });

  it("does not take an answer that was asked for before a change, though it came after it", async () => {
    const { ask, change, asked } = scene();
    const before = ask("a");
    change("a");
    expect(await ask("a")).toBe(1);
    await before;
    expect(await ask("a")).toBe(1);
    expect(asked).toEqual(["a", "a"]);
  });

  type Step = { readonly do: "ask" | "change" | "lose" | "wait"; readonly question: "a" | "b" };
  const steps = fc.array(
    fc.record<Step>({ do: fc.constantFrom("ask", "change", "lose", "wait"), question: fc.constantFrom("a", "b") }),
    { maxLength: 40 },
  );

  it("hides nothing that a look of one's own would have seen: after a change of ours, a loss or 5 s", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const { ask, change, lose, pass, world } = scene();
        for (const { do: what, question } of taken) {
          if (what === "change") change(question);
          if (what === "lose") lose(question);
          if (what === "wait") {
            world[question] = (world[question] ?? 0) + 1;
            pass(5_000);
          }
          if (what === "ask") expect(await ask(question)).toBe(world[question]);
        }
      }),
    );
  });
});
