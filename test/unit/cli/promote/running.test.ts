import { describe, expect, it } from "vitest";
import { differencesFrom } from "../../../../cli/promote/running.ts";
import type { Fleet } from "../../../../providers/release/fleet.ts";
import {
  aCanary,
  aContainer,
  aHost,
  aRelease,
  aRouteTo,
  exited,
  V1,
  V2,
  V3,
  WEB,
  WORKER,
} from "../../providers/release/fixture.ts";

const ROLES = { web: { ...WEB, hosts: ["web-1", "web-2"] }, worker: WORKER };
const inputs = (changes = {}, roles: Parameters<typeof aRelease>[1] = ROLES) => ({
  ...aRelease(V2, roles, changes),
  registry: undefined,
});
const serving = (release: string, ...more: ReturnType<typeof aContainer>[]) => {
  const live = aContainer(release);
  return aHost([live, ...more], [aRouteTo(live)]);
};
const working = (release: string) => aHost([aContainer(release, { role: "worker" })]);
const ALL: Fleet = { "web-1": serving(V2), "web-2": serving(V2), "jobs-1": working(V2) };

describe("a stack that is promoted", () => {
  it.each<[situation: string, fleet: Fleet]>([
    ["all of its hosts serve what it released last", ALL],
    ["retired containers are kept beside it", { ...ALL, "web-1": serving(V2, exited(aContainer(V1))) }],
  ])("runs one release when %s", (_situation, fleet) => {
    expect(differencesFrom(inputs(), fleet)).toEqual([]);
  });

  it.each<[situation: string, fleet: Fleet, said: string[]]>([
    ["a host still serves the one before", { ...ALL, "web-2": serving(V1, aContainer(V2)) }, [`web-2: web runs ${V1}`]],
    ["a worker was left behind", { ...ALL, "jobs-1": working(V1) }, [`jobs-1: worker runs ${V1}`]],
    [
      "a container was stopped by hand",
      { ...ALL, "web-1": aHost([exited(aContainer(V2))], [aRouteTo(aContainer(V2))]) },
      ["web-1: web is not running"],
    ],
    ["nothing is there any more", { ...ALL, "web-1": aHost() }, ["web-1: web is not running"]],
    [
      "hosts differ, and one cannot be asked",
      { "web-1": serving(V1), "web-2": { kind: "unreachable", reason: "no answer from 203.0.113.10" }, "jobs-1": working(V3) },
      [`web-1: web runs ${V1}`, "web-2: cannot be asked: no answer from 203.0.113.10", `jobs-1: worker runs ${V3}`],
    ],
  ])("is refused with its hosts when %s", (_situation, fleet, said) => {
    const lines = differencesFrom(inputs(), fleet).map(({ host, text }) => `${host}: ${text}`);
    expect(lines.sort()).toEqual([...said].sort());
  });

  it("is refused while a replica is missing", () => {
    const live = aContainer(V2);
    const fleet = { "web-1": aHost([live], [aRouteTo(live)]) };
    const two = inputs({}, { web: { ...WEB, replicas: 2 } });
    expect(differencesFrom(two, fleet)).toEqual([{ host: "web-1", text: "web runs 1 of 2 containers", isUnknown: false }]);
  });

  it("is what all requests reach: a canary beside it is not promoted", () => {
    const [live, canary] = [aContainer(V2), aContainer(V3)];
    const rollout = { targets: aRouteTo(canary).targets, percent: 10, allow: [] };
    const fleet = { "web-1": aHost([live, canary], [aRouteTo(live, undefined, { rollout })]) };
    expect(differencesFrom(inputs(aCanary(V3), { web: WEB }), fleet)).toEqual([]);
  });
});
