import { describe, expect, it } from "vitest";
import { placesOf } from "../../../../cli/lock/places.ts";
import { freezeLines, freezeReport, thawedLines } from "../../../../cli/lock/report.ts";
import { parseSpan } from "../../../../cli/lock/span.ts";

describe("the time of a freeze", () => {
  it.each([
    ["12h", 43_200],
    ["90m", 5_400],
    ["90min", 5_400],
    ["1d12h", 129_600],
    ["1h 30m", 5_400],
    ["45s", 45],
  ])("is read from %s", (text, seconds) => {
    expect(parseSpan(text)).toBe(seconds);
  });

  it.each(["", "12", "h", "0h", "-1h", "1h2d", "tomorrow", "367d", "99999999d"])("is refused as %j", (text) => {
    expect(() => parseSpan(text)).toThrow(/It must be/);
  });
});

it("is for all hosts of the apps and of their accessories, each with the apps that have a part there", () => {
  const at = (name: string) => ({ name, address: name, port: 22, user: "root" });
  const app = (service: string, hosts: string[], accessories: string[]) =>
    ({
      inputs: { service, destination: "production", hosts: Object.fromEntries(hosts.map((name) => [name, at(name)])) },
      accessories: accessories.map((name) => ({ host: at(name) })),
    }) as unknown as Parameters<typeof placesOf>[0][number];
  const places = placesOf([app("shop", ["web-1"], ["db-1"]), app("blog", ["web-1", "web-0"], [])]);
  expect(places.map(({ address, apps }) => [address.name, ...apps])).toEqual([
    ["db-1", "shop-production"],
    ["web-0", "blog-production"],
    ["web-1", "blog-production", "shop-production"],
  ]);
});

describe("what is said of locks", () => {
  const NOW = new Date(2026, 11, 1, 14, 0);
  const FREEZE = { app: "shop-production", by: "ann@laptop", why: "billing moves", age: 3_600, left: 35_820 };

  it("is one line for hosts that have it in common", () => {
    const hosts = [
      freezeReport("web-1", [FREEZE]),
      freezeReport("web-2", [FREEZE]),
      freezeReport("jobs-1", [], [{ owner: "ci@build-7", seconds: 35 }]),
      freezeReport("db-1", [], [], new Error("db-1: connection refused")),
      freezeReport("db-2", []),
    ];
    expect(freezeLines(hosts, NOW)).toEqual([
      "web-1, web-2: shop-production is frozen by ann@laptop since 2026-12-01 13:00, for 9 h 57 min more, until 2026-12-01 23:57: billing moves",
      expect.stringMatching(/^jobs-1: locked by ci@build-7 since \d\d:\d\d:\d\d \(35 s\)$/),
      "db-1: could not be asked: connection refused",
      "db-2: free",
    ]);
  });

  it("is what was ended, or that nothing was frozen", () => {
    expect(thawedLines([freezeReport("web-1", [{ ...FREEZE, why: "" }]), freezeReport("web-2", [])], NOW)).toEqual([
      "ended: web-1: shop-production is frozen by ann@laptop since 2026-12-01 13:00, for 9 h 57 min more, until 2026-12-01 23:57",
    ]);
    expect(thawedLines([freezeReport("web-1", [])], NOW)).toEqual(["nothing was frozen"]);
  });
});
