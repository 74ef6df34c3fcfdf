import { describe, expect, it } from "vitest";
import { requireShown, shownPlan } from "../../../../providers/pulumi/shown-plan.ts";

const URN = "urn:pulumi:prod::shop::slipway:Release::shop";
const TEXT =
  "release 1-aa  (was 2-bb)   image shop@sha256:1\n  web-1  start shop-web-1 · switch shop-web   gap 0 s\n  web-2  as web-1";
const shown = shownPlan([{ urn: URN, text: TEXT }]);

describe("a run after a plan was shown", () => {
  it.each<[what: string, text: string]>([
    ["the same", TEXT],
    [
      "the same with its steps in another order",
      TEXT.replace("start shop-web-1 · switch shop-web", "switch shop-web · start shop-web-1"),
    ],
  ])("goes on with %s", (_what, text) => {
    expect(() => requireShown(URN, text, shown)).not.toThrow();
  });

  it.each<[what: string, urn: string, text: string, evidence: string]>([
    ["another plan", URN, TEXT.replace("as web-1", "found stopped (drift)"), "| release 1-aa"],
    ["the plan of a resource that was not shown", `${URN}-exposure`, TEXT, "| this resource would change as well"],
  ])("stops before %s, and says what it is", (_what, urn, text, evidence) => {
    expect(() => requireShown(urn, text, shown)).toThrow("the plan is not the one that was shown any more");
    expect(() => requireShown(urn, text, shown)).toThrow(evidence);
    expect(() => requireShown(urn, text, shown)).toThrow("code: PLAN_STALE");
  });

  it("stops if what was shown cannot be read, and is free if nothing was", () => {
    expect(() => requireShown(URN, TEXT, "{")).toThrow("PLAN_STALE");
    expect(() => requireShown(URN, TEXT, undefined)).not.toThrow();
  });
});
