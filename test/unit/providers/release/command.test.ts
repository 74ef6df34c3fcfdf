import { describe, expect, it } from "vitest";
import type { FoundCommand, FoundHost } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import {
  aCanary,
  aContainer,
  aHost,
  aNote,
  aRelease,
  aRouteTo,
  exited,
  lost,
  serving,
  V1,
  V2,
  V3,
  WEB,
  WORKER,
} from "./fixture.ts";
import { planned } from "./planned.ts";

const [v1, v2, v3] = [aContainer(V1), aContainer(V2), aContainer(V3)];
const RUNS = { releaseCommand: { host: "web-1", role: "web", commands: [["bin/migrate"]], timeout: 600 } };
const TWO = { releaseCommand: { ...RUNS.releaseCommand, commands: [["bin/migrate", "--all"], ["bin/warm"]] } };
const NOTE = "shop-release-command-production-1.4.2-ab12cd34";
const MIGRATE = `web-1: run bin/migrate in ${NOTE}`;

const withNotes = (host: Extract<FoundHost, { kind: "reached" }>, ...commands: FoundCommand[]): FoundHost => ({
  ...host,
  commands,
});

/** What concerns release commands of a plan. */
const commands = (host: FoundHost, changes: Partial<ReleaseInputs> = RUNS, release: string = V2): string[] =>
  planned(aRelease(release, { web: WEB }, changes), { "web-1": host }).filter((operation) =>
    operation.includes("release-command"),
  );

describe("a release command", () => {
  const table: readonly (readonly [when: string, host: FoundHost, operations: readonly string[]])[] = [
    ["runs before a first release", aHost(), [MIGRATE]],
    ["runs before a new release", serving(v1), [MIGRATE]],
    ["does not run when nothing changes", serving(v2), []],
    ["does not run again for a release that comes back, even without a note", serving(v1, exited(v2)), []],
    ["does not run again for a lost container of two", serving(exited(v2, 1)), []],
    ["does not run again when a killed run is made up for", withNotes(serving(v1), aNote(V2, "done")), []],
    [
      "runs again when it failed; what is left of the failure makes room",
      withNotes(serving(v1), aNote(V2, "failed")),
      [`web-1: remove ${NOTE} (leftover)`, MIGRATE],
    ],
    ["that still runs is waited for, not removed", withNotes(serving(v1), aNote(V2, "running")), [MIGRATE]],
    ["of another release that still runs is left alone", withNotes(serving(v1), aNote(V3, "running")), [MIGRATE]],
    ["does not run when only another release's note is there", withNotes(serving(v2), aNote(V1, "done")), []],
    ["runs, although another release has a note", withNotes(serving(v1), aNote(V1, "done")), [MIGRATE]],
  ];
  it.each(table)("%s", (_when, host, operations) => expect(commands(host)).toEqual(operations));

  it("runs before anything starts", () => {
    expect(planned(aRelease(V2, { web: WEB }, RUNS), { "web-1": serving(v1) }).slice(0, 2)).toEqual([
      MIGRATE,
      "web-1: start shop-web-production-1.4.2-ab12cd34",
    ]);
  });

  it("that lists two runs both in order, and goes on where a run was killed", () => {
    const [first, second] = [`web-1: run bin/migrate --all in ${NOTE}`, `web-1: run bin/warm in ${NOTE}.2`];
    expect(commands(serving(v1), TWO)).toEqual([first, second]);
    expect(commands(withNotes(serving(v1), aNote(V2, "done")), TWO)).toEqual([second]);
    expect(commands(withNotes(serving(v1), aNote(V2, "done"), aNote(V2, "failed", { index: 1 })), TWO)).toEqual([
      `web-1: remove ${NOTE}.2 (leftover)`,
      second,
    ]);
  });

  it("runs once for the fleet, on its own host", () => {
    const roles = { web: { ...WEB, hosts: ["web-1", "web-2"] }, worker: WORKER };
    const operations = planned(aRelease(V2, roles, RUNS), { "web-1": serving(v1), "web-2": serving(v1) });
    expect(operations.filter((operation) => operation.includes(": run "))).toEqual([MIGRATE]);
  });

  it("does not run again when a host is added: the others have the release", () => {
    const roles = { web: { ...WEB, hosts: ["web-1", "web-2"] } };
    expect(planned(aRelease(V2, roles, RUNS), { "web-1": serving(v2) }).some((one) => one.includes(": run "))).toBe(false);
  });

  it("of a canary runs under the canary's release, and that of the release does not run again", () => {
    const tried = "web-1: run bin/migrate in shop-release-command-production-1.5.0-0c0ffee0";
    expect(commands(serving(v2), { ...RUNS, ...aCanary(V3) })).toEqual([tried]);
    expect(commands(aHost(), { ...RUNS, ...aCanary(V3) })).toEqual([MIGRATE, tried]);
  });

  it("does not run again when a canary is promoted", () => {
    const rollout = { targets: aRouteTo(v3).targets, percent: 10, allow: [] };
    const host = aHost([v2, v3], [aRouteTo(v2, undefined, { rollout })]);
    expect(commands(withNotes(host, aNote(V3, "done")), RUNS, V3)).toEqual([]);
    expect(commands(host, RUNS, V3)).toEqual([]);
  });

  it("is not there when none is declared", () => expect(commands(serving(v1), {})).toEqual([]));
});

describe("the notes of release commands", () => {
  const old = ["0.1.0-aaaaaaaa", "0.2.0-bbbbbbbb", "0.3.0-cccccccc"].map((release, at) =>
    aNote(release, "done", { created: at }),
  );
  const name = (release: string) => `shop-release-command-production-${release}`;
  const [first = "", second = "", third = ""] = old.map(({ release }) => release);

  it("are kept for as many releases as containers are, the youngest first", () => {
    const host = withNotes(serving(v2), aNote(V2, "done"), ...old);
    expect(commands(host, { ...RUNS, retainContainers: 3 })).toEqual([]);
    expect(commands(host, { ...RUNS, retainContainers: 1 })).toEqual([
      `web-1: remove ${name(second)} (retired)`,
      `web-1: remove ${name(first)} (retired)`,
    ]);
  });

  it("are counted by release, not by command", () => {
    const host = withNotes(serving(v2), ...old.slice(1), aNote(third, "done", { index: 1, created: 2 }));
    expect(commands(host, { ...TWO, retainContainers: 1 })).toEqual([`web-1: remove ${name(second)} (retired)`]);
  });

  it("of the release and its canary are never old", () => {
    const host = withNotes(serving(v2, v3), aNote(V2, "done", { created: -1 }), aNote(V3, "done", { created: -1 }));
    expect(commands(host, { ...RUNS, ...aCanary(V3), retainContainers: 0 })).toEqual([]);
  });

  it("of one that still runs stay", () => {
    expect(commands(withNotes(serving(v2), aNote(V1, "running")), { ...RUNS, retainContainers: 0 })).toEqual([]);
  });

  it("go with the app, whatever they say", () => {
    const host = withNotes(aHost(), aNote(V2, "done"), aNote(V1, "running"), aNote(V3, "failed"));
    const nothing = { ...aRelease(V2, {}), hosts: aRelease(V2).hosts };
    expect(planned(nothing, { "web-1": host })).toEqual(
      [V2, V1, V3].map((release) => `web-1: remove ${name(release)} (retired)`),
    );
  });

  it("leave a host that left with everything else", () => {
    const fleet = { "web-1": serving(v2), "web-0": withNotes(aHost(), aNote(V2, "done")) };
    expect(planned(aRelease(V2, { web: WEB }, RUNS), fleet)).toEqual([`web-0: remove ${NOTE} (withdrawn)`]);
  });

  it("are ignored on a host that cannot be reached", () => {
    expect(planned(aRelease(V2, { web: WEB }, RUNS), { "web-1": lost() })).toEqual([]);
  });
});
