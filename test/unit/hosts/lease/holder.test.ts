import { describe, expect, it } from "vitest";
import { OWN_STEP, ownerName, parseHolders, UNKNOWN_HOLDER, waitingText } from "../../../../hosts/lease/holder.ts";

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

it("reads all holders, and nothing else", () => {
  expect(parseHolders("35 ci@build-7 (acme/shop/production)\n2 ann@laptop (blog)\nsh: something\n")).toEqual([
    { owner: "ci@build-7 (acme/shop/production)", seconds: 35 },
    { owner: "ann@laptop (blog)", seconds: 2 },
  ]);
  expect(parseHolders("")).toEqual([]);
});

describe("what waits for a lease says", () => {
  const BLOG = "ci@build-7 (acme/blog/production) releasing blog-production since 20:21:01 (35 s)";
  it.each([
    [
      "who holds it, for which app, and what to do",
      waitingText("web-1", BLOG, { longest: 600 }),
      `waiting for web-1 (≤ 600 s), which another run is changing: ${BLOG}; this one goes on when that ends, Ctrl-C gives up`,
    ],
    [
      "how long it has waited",
      waitingText("web-1", BLOG, { soFar: 12, longest: 600 }),
      `waiting for web-1 (12 of 600 s), which another run is changing: ${BLOG}; this one goes on when that ends, Ctrl-C gives up`,
    ],
    [
      "that it is its own run, where that changes another thing of the host",
      waitingText("web-1", OWN_STEP, { soFar: 1, longest: 600 }),
      "waiting for web-1, which another step of this run is changing",
    ],
    [
      "no more than is known of what holds it",
      waitingText("web-1", UNKNOWN_HOLDER, { longest: 600 }),
      "waiting for web-1 (≤ 600 s), which another process on the host is changing; this one goes on when that ends, Ctrl-C gives up",
    ],
  ])("is %s", (_about, text, expected) => expect(text).toBe(expected));
});
