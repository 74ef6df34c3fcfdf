import { describe, expect, it } from "vitest";
import { describePlan } from "../../../../providers/accessory/describe.ts";
import { planAccessory } from "../../../../providers/accessory/plan.ts";
import { aContainer, anAccessory, found } from "./fixture.ts";

const DB = anAccessory({
  destination: undefined,
  container: "shop-db",
  publish: [{ ip: "127.0.0.1", hostPort: 5432, containerPort: 5432, protocol: "tcp" }],
});

const planned = (spec: string, open: number[] = []) => {
  const there = found({ main: aContainer(DB, { name: "shop-db", of: "kamal", spec, open }) });
  return describePlan(planAccessory(DB, there), DB, undefined, there);
};

describe("the plan for an accessory of Kamal", () => {
  it("says that nothing changes where it runs as declared", () =>
    expect(planned(DB.spec)).toBe("db on web-1   taken over from Kamal as it runs: nothing changes on the host"));

  it("says how it is taken over where the destination gives another name", () => {
    const named = anAccessory();
    const there = found({ volumes: [], kamals: "shop-db" });
    const text = describePlan(planAccessory(named, there), named, undefined, there);
    expect(text).toContain(
      "Kamal's shop-db is on this host and stays beside it; to take that over with its data: slipway:accessories.db.service: shop-db",
    );
  });

  it("says that it is replaced with its data where it is declared otherwise, and which open port closes", () => {
    const text = planned("", [5432]);
    expect(text).toMatch(/^db on web-1 {3}replace in place, gap about [\d.]+ s: taken over from Kamal with its data\n/);
    expect(text).toContain("port 5432 is open on all addresses now, and will be on 127.0.0.1 alone");
    expect(planned("", [])).not.toContain("is open on all addresses");
  });
});
