import { expect, it } from "vitest";
import { revertedText } from "../../../../providers/release/revert.ts";

it("says that candidates were removed only where all of them were", () => {
  expect(revertedText({ undone: [], left: [] })).toBe("Nothing was switched; candidates were removed");
  expect(revertedText({ undone: ["web-1: switched back"], left: ["web-2: shop-web-1 could not be removed: no answer"] })).toBe(
    "web-1: switched back; web-2: shop-web-1 could not be removed: no answer",
  );
});
