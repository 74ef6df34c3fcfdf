import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { reportOn } from "../../../../cli/doctor/checks.ts";
import type { Asked, Machine } from "../../../../cli/doctor/facts.ts";
import type { DoctorReport } from "../../../../cli/doctor/report.ts";
import { screenOf } from "../../../../cli/doctor/screen.ts";

import { facts, IMAGE, withMachine } from "./fixture.ts";

describe("the doctor's screen", () => {
  const shown = (report: DoctorReport): string[] => stripVTControlCharacters(screenOf(report)).split("\n");

  it("has one line for each check, and below what is wrong its proof and the one thing to do", () => {
    const docker: Asked<never> = {
      kind: "unknown",
      why: "Docker is not installed",
      evidence: ["/var/run/docker.sock: open failed"],
      next: "install it",
    };
    const lines = shown(reportOn(facts([withMachine({ ahead: 42 }, { docker, pulls: [] })])));
    expect(lines).toEqual([
      "shop / production   ✗ not ready: 1 wrong, 1 warning",
      "",
      "host     check        found",
      "(stack)  config    ✓  stacks/Pulumi.production.yaml",
      "         secrets   ✓  none needed",
      `         registry  ✓  ghcr.io reachable without a login; ${IMAGE} is sha256:9f319f31…`,
      "web-1    reach     ✓  203.0.113.10:22 in 215 ms",
      "         host key  ✓  matches known_hosts",
      "         login     ✓  as root",
      "         rights    ✓  root",
      "         lease     ✓  free",
      "         docker    ✗  Docker is not installed",
      "                        | /var/run/docker.sock: open failed",
      "                        next: install it",
      "         clock     !  42 s ahead of this machine's",
      "                        next: on the one that is wrong, web-1 or this machine: timedatectl set-ntp true",
      "         disk      ✓  41.0 GB free in /var/lib/docker, 30 % used",
      "         memory    ✓  2.0 GB of 4.0 GB available",
      "         ports     ✓  80, 443 free",
      "         image     ✓  built for linux/amd64",
      "",
    ]);
  });

  it.each<[string, Partial<Machine>, string]>([
    ["all is fine", {}, "✓ ready for a release"],
    ["a warning is all there is", { ahead: 42 }, "! ready, with 1 warning"],
  ])("says in its first line when %s", (_what, machine, verdict) => {
    expect(shown(reportOn(facts([withMachine(machine)])))[0]).toBe(`shop / production   ${verdict}`);
  });
});
