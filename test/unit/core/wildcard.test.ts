import { expect, it } from "vitest";
import { isLike } from "../../../core/wildcard.ts";

it.each([
  ["*", "", true],
  ["*.example.com", "web.example.com", true],
  ["*.example.com", "example.com", false],
  ["10.0.0.?", "10.0.0.7", true],
  ["10.0.0.?", "10.0.0.77", false],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-c-b", false],
  ["web", "web-1", false],
  ["w.b", "web", false],
  ["web**", "web", true],
  ["?", "", false],
])("%s and %j: %s", (pattern, name, like) => expect(isLike(pattern, name)).toBe(like));

it.each(["*".repeat(40), "*a".repeat(30), "*?".repeat(30)])(
  "takes no time for a pattern that matches in many ways: %s",
  (stars) => {
    const start = performance.now();
    expect(isLike(`${stars}b`, "a".repeat(4_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(1_000);
  },
);
