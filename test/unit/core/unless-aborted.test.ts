import { describe, expect, it } from "vitest";
import { unlessAborted } from "../../../core/unless-aborted.ts";

const never = new Promise<string>(() => {});
const fail = (): never => {
  throw new Error("lost");
};

describe("work that a signal may end", () => {
  it("is waited for, and its error is its own", async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve("done"), signal, () => "stopped")).toBe("done");
    await expect(unlessAborted(Promise.reject(new Error("broken")), signal, () => "stopped")).rejects.toThrow("broken");
  });

  it("is given up when the signal comes, with a value or an error", async () => {
    const stop = new AbortController();
    const [stopped, lost] = [unlessAborted(never, stop.signal, () => "stopped"), unlessAborted(never, stop.signal, fail)];
    stop.abort();
    expect(await stopped).toBe("stopped");
    await expect(lost).rejects.toThrow("lost");
  });

  it("is not waited for when the signal came before; its error is not reported", async () => {
    const late = unlessAborted(Promise.reject(new Error("late")), AbortSignal.abort(), () => "stopped");
    expect(await late).toBe("stopped");
  });
});
