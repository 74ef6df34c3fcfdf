import { describe, expect, it } from "vitest";
import type { Verdict } from "../../faults/matrix/cell.ts";
import { faultNamed } from "../../faults/matrix/fault.ts";
import { page, renewed } from "../../faults/matrix/page.ts";
import type { Point } from "../../faults/matrix/point.ts";
import { scenarioNamed } from "../../faults/matrix/scenario.ts";
import type { Result } from "../../faults/matrix/table.ts";

const POINT: Point = { host: "fr-1", call: "stop container", nth: 1, moment: "before" };

function resultOf(name: string, problems: readonly string[] = []): Result {
  const cell = { point: POINT, fault: faultNamed("kill") };
  const verdict: Verdict = { cell, ending: { how: "killed" }, problems, requests: 0, lost: 0, out: 0, seconds: 1 };
  return { scenario: scenarioNamed(name), points: [POINT], cells: 1, verdicts: [verdict], versions: { Node: "24" } };
}

const sections = (text: string): string[] => text.split(/^(?=## )/m).slice(1);

describe("the page of faults", () => {
  const whole = page([resultOf("plain"), resultOf("accessory-replace"), resultOf("firewall-close")]);

  it("gets the sections of some scenarios again, and keeps those of the others as they are", () => {
    const text = renewed(whole, [resultOf("accessory-replace", ["fr-1: shop-db is missing"])]);
    const [plain, accessory, firewall, ...more] = sections(text);
    expect([plain, firewall, more]).toEqual([sections(whole)[0], sections(whole)[2]?.trimEnd().concat("\n"), []]);
    expect(accessory).toContain("| fr-1: stop container, before | **failed**: fr-1: shop-db is missing |");
  });

  it("gets a section for a scenario that had none, in the order of the scenarios", () => {
    const text = renewed(whole, [resultOf("accessory-create")]);
    expect(sections(text).map((section) => section.slice(3, section.indexOf(":")))).toEqual([
      "plain",
      "accessory-create",
      "accessory-replace",
      "firewall-close",
    ]);
  });
});
