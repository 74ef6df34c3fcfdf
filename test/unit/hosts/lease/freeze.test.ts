import { expect, it } from "vitest";
import { describeFreeze, frozen, parseFreezes, spanOf } from "../../../../hosts/lease/freeze.ts";

it("reads what a host says of freezes, and nothing else", () => {
  const text = "frozen 43100 97 shop-production\tann@laptop (shop/production)\tbilling moves\nheld\nfrozen 5 1 blog\tbob\t\n";
  expect(parseFreezes(text)).toEqual([
    { app: "shop-production", by: "ann@laptop (shop/production)", why: "billing moves", age: 97, left: 43_100 },
    { app: "blog", by: "bob", why: "", age: 1, left: 5 },
  ]);
  expect(parseFreezes("frozen soon by ann")).toEqual([]);
});

it.each([
  [59, "59 s"],
  [60, "1 min"],
  [3_600, "1 h"],
  [35_820, "9 h 57 min"],
  [90_060, "1 d 1 h"],
])("says %d seconds as %s", (seconds, text) => {
  expect(spanOf(seconds)).toBe(text);
});

it("says who has frozen it, since when, how long and until when, why, and what to type", () => {
  const freeze = { app: "shop", by: "ann@laptop", why: "billing moves", age: 3_600, left: 35_820 };
  expect(describeFreeze(freeze, new Date(2026, 11, 1, 14, 0))).toBe(
    "ann@laptop since 2026-12-01 13:00, for 9 h 57 min more, until 2026-12-01 23:57",
  );
  const { story } = frozen("web-1", freeze);
  expect(story.what).toBe("shop is frozen on web-1: nothing may be changed there");
  expect(story.evidence?.[1]).toBe("because: billing moves");
  expect(story.next).toMatch(/slipway unlock.*--despite-freeze.*SLIPWAY_DESPITE_FREEZE=1/);
  expect(frozen("web-1", { ...freeze, why: "" }).story.evidence).toHaveLength(1);
});
