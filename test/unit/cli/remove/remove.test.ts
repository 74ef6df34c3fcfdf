import { expect, it } from "vitest";
import { whatGoes, whatStays } from "../../../../cli/remove/run.ts";
import type { Stack } from "../../../../cli/stack/read-stack.ts";
import type { Fleet } from "../../../../providers/release/fleet.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import { withoutApp } from "../../../../providers/release/withdraw.ts";
import { aCanary, aContainer, aFleet, anImage, aRelease, exited, serving, V1, V2, WEB } from "../../providers/release/fixture.ts";

type Beside = Parameters<typeof whatStays>[0];

/** Only the names count. */
const beside = (accessories: readonly [name: string, host: string][], schedules: number): Beside =>
  ({
    accessories: accessories.map(([accessory, host]) => ({ accessory, host: { name: host } })),
    schedules: Array.from({ length: schedules }, () => ({})),
  }) as unknown as Stack;

it.each<[Beside, string]>([
  [beside([], 0), "the proxy and the servers"],
  [beside([["db", "db-1"]], 0), "the accessory db on db-1 with its data, the proxy and the servers"],
  [
    beside(
      [
        ["db", "db-1"],
        ["cache", "web-1"],
      ],
      2,
    ),
    "the accessories db on db-1, cache on web-1 with their data, backups and jobs, the proxy and the servers",
  ],
])("says what stays", (given, text) => {
  expect(whatStays(given)).toBe(text);
});

it("names all of the app that goes, its earlier releases and images too", () => {
  const release = aRelease(V2, { web: WEB }, aCanary(V1));
  const host = { ...serving(aContainer(V2), exited(aContainer(V1))), images: [anImage(V2)] };
  const fleet: Fleet = aFleet({ "web-1": host });
  expect(whatGoes(planRelease(withoutApp(release), fleet).operations)).toEqual([
    "  web-1  remove the route shop-web-production · stop shop-web-production-1.4.2-ab12cd34 (≤ 30 s to finish) · remove shop-web-production-1.4.2-ab12cd34 (withdrawn) · remove shop-web-production-1.4.1-77aa01ef (withdrawn) · remove the image shop@sha256:9f310000… (no container uses it)",
  ]);
});
