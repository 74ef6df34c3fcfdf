import { expect, it } from "vitest";
import { isOwn } from "../../../core/owner.ts";

const OWNER = { stack: "shop/production", adopt: ["slipway/production"] };

it.each([
  ["its own", "shop/production", true],
  ["an adopted one's", "slipway/production", true],
  ["Kamal's, which has no label", undefined, true],
  ["another stack's", "blog/production", false],
  ["that of a stack that is called alike", "shop/production-2", false],
])("owns what is %s", (_case, label, own) => {
  expect(isOwn(label, OWNER)).toBe(own);
});

it("owns nothing of others unless it adopts it", () => {
  expect(isOwn("slipway/production", { stack: "shop/production" })).toBe(false);
});
