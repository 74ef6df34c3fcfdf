import { expect, it } from "vitest";
import { reportOn } from "../../../../cli/doctor/checks.ts";
import type { Asked, LeaseFacts } from "../../../../cli/doctor/facts.ts";
import { anOpenHost, facts, findingOf, known, unknown, withMachine } from "./fixture.ts";

const found = (lease: Asked<LeaseFacts>) => findingOf(reportOn(facts([anOpenHost({ lease })])), "lease");

it("a lease that cannot be acquired prevents a release", () => {
  expect(found(unknown("flock is missing on the host", "install util-linux on the host"))).toMatchObject({
    result: "wrong",
    found: "cannot be acquired: flock is missing on the host",
    next: "install util-linux on the host",
  });
});

it("a lease that a run holds is named with its holder", () => {
  const heldBy = "ci@build-7 (shop/production) since 14:02:11 (35 s)";
  expect(found(known({ heldBy, warnings: [] }))).toMatchObject({
    result: "warning",
    found: `held by ${heldBy}: a run waits for it`,
    next: "wait for that run to end, or stop it",
  });
});

it("a lease that any local user could hold is a warning with its reason", () => {
  expect(found(known({ heldBy: undefined, warnings: ["any local user can hold the lease"] }))).toMatchObject({
    result: "warning",
    evidence: ["any local user can hold the lease"],
    next: "see docs/servers.md, The lease",
  });
});

it("the lease is left out for a user without any rights, and where the shell runs no commands", () => {
  const stranger = withMachine({ uid: 1000, groups: ["deploy"] }, { docker: unknown("the user may not use Docker") });
  for (const host of [stranger, anOpenHost({ machine: unknown("nologin") })])
    expect(findingOf(reportOn(facts([host])), "lease")).toBeUndefined();
});

it("a freeze is a warning that names who has set it", () => {
  const frozen = known({ heldBy: undefined, frozen: "ann@laptop since 2026-12-01 14:02", warnings: [] });
  expect(found(frozen)).toMatchObject({ result: "warning", found: "frozen by ann@laptop since 2026-12-01 14:02" });
});
