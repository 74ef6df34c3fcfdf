import { expect, it } from "vitest";
import { describeHealth } from "../../../../providers/release/boot.ts";

it("counts those that are healthy, and says what the others answer, of thirty not all", () => {
  const waiting = Array.from({ length: 30 }, (_, at) => `web-${at + 1}: 503 × 4, 1.2 s`);
  expect(describeHealth(3, 0, [])).toBe("healthy 3/3");
  expect(describeHealth(3, 1, ["web-3: 503 × 4, 1.2 s"])).toBe("healthy 2/3 (web-3: 503 × 4, 1.2 s)");
  expect(describeHealth(32, 30, waiting)).toBe(
    "healthy 2/32 (web-1: 503 × 4, 1.2 s, web-2: 503 × 4, 1.2 s, web-3: 503 × 4, 1.2 s, and 27 more)",
  );
});
