import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../../../providers/pulumi/engine-client.ts";
import type { Display } from "../../../../providers/pulumi/pace.ts";
import { EngineReport, NO_STATUS } from "../../../../providers/pulumi/report.ts";

/** A report to an engine that keeps what it gets: `~` before what the next message replaces in the row. */
function aReport(display: Display = "terminal") {
  const logged: string[] = [];
  const engine: Engine = {
    gone: new Promise(() => {}),
    log: async (_urn, severity, message, ephemeral) => {
      logged.push(`${ephemeral ? "~" : ""}${severity === "WARNING" ? "warning: " : ""}${message}`);
    },
  };
  return { logged, report: new EngineReport(Promise.resolve(engine), "urn:row", (text) => text, display) };
}

describe("what a resource reports", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("leaves no status in the row of what is done, even one that was never shown", async () => {
    const { report, logged } = aReport();
    report.status("waiting for web-1, which ann@laptop is changing");
    report.status("healthy 0/1");
    await report.end();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(logged).toEqual(["~waiting for web-1, which ann@laptop is changing", `~${NO_STATUS}`]);
  });

  it("leaves what was said last in the row", async () => {
    const { report, logged } = aReport();
    report.status("switched 1/1");
    report.say("released v2 in 1 s");
    await report.end();
    expect(logged).toEqual(["~switched 1/1", "released v2 in 1 s"]);
  });

  it("leaves the row to the error of what failed", async () => {
    const { report, logged } = aReport();
    report.status("healthy 0/1");
    report.fail();
    await report.end();
    expect(logged).toEqual(["~healthy 0/1"]);
  });

  it("keeps the plan of a creation out of the rows of a log, which would repeat it", async () => {
    for (const display of ["log", "terminal"] as const) {
      const { report, logged } = aReport(display);
      report.planNew("web-1   run kamal-proxy");
      await report.end();
      expect(logged).toEqual([`${display === "log" ? "\n" : ""}web-1   run kamal-proxy`]);
    }
  });

  it("does not touch the row of a resource that had no status", async () => {
    const { report, logged } = aReport();
    await report.end();
    expect(logged).toEqual([]);
  });

  it("does not repeat a status that is in the row", async () => {
    const { report, logged } = aReport();
    for (let second = 0; second < 5; second += 1) {
      report.status("waiting for web-1, which another step of this run is changing");
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(logged).toHaveLength(1);
  });

  it("shows the latest of the statuses that had to wait", async () => {
    const { report, logged } = aReport();
    for (const count of [1, 2, 3]) report.status(`healthy ${count}/3`);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(logged).toEqual(["~healthy 1/3", "~healthy 3/3"]);
  });
});
