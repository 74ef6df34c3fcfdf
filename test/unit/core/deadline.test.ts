import { expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";

const LATE = () => new Error("late");

it.each([2_147_483, 2_592_000, 99_999_999_999])("waits for what takes a moment, with %i seconds to spare", async (seconds) => {
  const work = new Promise<string>((resolve) => setTimeout(() => resolve("done"), 30));
  await expect(Deadline.in(seconds).race(work, LATE)).resolves.toBe("done");
});

it("ends when it is over", async () => {
  await expect(Deadline.in(0.02).race(new Promise(() => {}), LATE)).rejects.toThrow("late");
});
