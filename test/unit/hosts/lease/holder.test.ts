import { expect, it } from "vitest";
import { ownerName } from "../../../../hosts/lease/holder.ts";

it.each([
  ["ci@build-7 (shop/production)", "ci@build-7 (shop/production)"],
  ["line 1\nline 2", "line 1 line 2"],
  ["\u001b[31mred\u0007", "red"],
  ["safe\u202Etxt.exe", "safetxt.exe"],
  ["  ", "unknown"],
  [`${"a".repeat(99)}😀😀`, `${"a".repeat(99)}😀`],
])("shows the owner %j as one harmless line", (text, name) => {
  expect(ownerName(text)).toBe(name);
});
