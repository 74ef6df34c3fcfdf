import { describe, expect, it } from "vitest";
import { type AuditEntry, ofUpdate } from "../../../../cli/audit/report.ts";
import { auditLines } from "../../../../cli/audit/screen.ts";

const UPDATE = {
  kind: "update",
  result: "succeeded",
  startTime: new Date("2026-12-01T14:02:11.5Z"),
  endTime: new Date("2026-12-01T14:02:24Z"),
};

describe("an update of the state", () => {
  it.each([
    ["who ran our own command", { message: "slipway deploy by ann@laptop" }, "ann@laptop", "slipway deploy: update"],
    [
      "the CI job",
      { message: "Fix #1\n\nlong", environment: { "ci.system": "GitLab", "ci.build.id": "7" } },
      "GitLab#7",
      "pulumi update: Fix #1",
    ],
    ["no one, where Pulumi does not know", {}, "", "pulumi update"],
  ])("names %s", (_, more, who, what) => {
    expect(ofUpdate({ ...UPDATE, ...more })).toEqual({ at: "2026-12-01T14:02:11Z", seconds: 13, who, what, result: "done" });
  });

  it("says how it ended", () => {
    expect(ofUpdate({ ...UPDATE, result: "failed" }).result).toBe("failed");
  });
});

describe("the table", () => {
  const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
    at: "2026-12-01T14:02:11Z",
    seconds: 12,
    who: "ann@laptop",
    what: "slipway deploy: release 2-ab of shop",
    result: "done",
    ...over,
  });
  const report = (hosts: Readonly<Record<string, readonly AuditEntry[]>>, state: readonly AuditEntry[] = []) => ({
    schema: 1 as const,
    stack: "shop/production",
    state,
    hosts: Object.entries(hosts).map(([host, entries]) => ({ host, unreachable: null, entries })),
  });

  it("has one line for a change of several hosts, oldest first, and the newest ones of all", () => {
    const earlier = entry({ at: "2026-12-01T09:00:00Z", what: "slipway exec in shop-web" });
    const state = [entry({ at: "2026-12-01T14:02:00Z", what: "slipway deploy: update" })];
    const found = report({ "web-1": [earlier, entry()], "web-2": [entry({ at: "2026-12-01T14:02:09Z", seconds: 14 })] }, state);
    const rows = auditLines(found, 50).map((line) => line.replace(/^\S+ \S+ +/, ""));
    expect(rows.slice(1)).toEqual([
      "12 s  ann@laptop  web-1         slipway exec in shop-web              done",
      "12 s  ann@laptop  state         slipway deploy: update                done",
      "14 s  ann@laptop  web-1, web-2  slipway deploy: release 2-ab of shop  done",
    ]);
    expect(auditLines(found, 1)).toHaveLength(2);
  });

  it("keeps two changes of one host apart, and changes with different results", () => {
    expect(auditLines(report({ "web-1": [entry(), entry()] }), 50)).toHaveLength(3);
    expect(auditLines(report({ "web-1": [entry()], "web-2": [entry({ result: "failed" })] }), 50)).toHaveLength(3);
  });

  it("names hosts that could not be asked", () => {
    const found = { ...report({}), hosts: [{ host: "web-1", unreachable: "connection refused", entries: [] }] };
    expect(auditLines(found, 50)).toEqual(["nothing is recorded", "web-1 could not be asked: connection refused"]);
  });
});
