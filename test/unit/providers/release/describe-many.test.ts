import { describe, expect, it } from "vitest";
import type { HostName } from "../../../../core/words.ts";
import { describePlan } from "../../../../providers/release/describe.ts";
import type { Fleet, FoundHost } from "../../../../providers/release/fleet.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import { aContainer, aHost, aRelease, aRouteTo, exited, V1, V2, WEB, WORKER } from "./fixture.ts";

/** The longest comment that GitHub takes has 65,536 characters; the rows of Pulumi are in it as well. */
const COMMENT = 65_000;

const numbered = (count: number): HostName[] => Array.from({ length: count }, (_, at) => `web-${at + 1}`);
const rolesOn = (hosts: readonly HostName[]) => ({
  web: { ...WEB, hosts: [...hosts] },
  worker: { ...WORKER, hosts: [...hosts] },
});
const [web, worker] = [aContainer(V1), aContainer(V1, { role: "worker" })];
const asV1 = (): FoundHost => aHost([web, worker], [aRouteTo(web)]);

/** The plan from V1 to V2 on these hosts, except for what `differs`. */
function preview(hosts: readonly HostName[], differs: Fleet = {}, changes: Parameters<typeof aRelease>[2] = {}): string[] {
  const fleet: Fleet = { ...Object.fromEntries(hosts.map((host) => [host, asV1()])), ...differs };
  const wanted = aRelease(V2, rolesOn(hosts), changes);
  return describePlan(planRelease(wanted, fleet), wanted, { inputs: aRelease(V1, rolesOn(hosts)), fleet }).split("\n");
}

const STEPS =
  "start shop-web-production-1.4.2-ab12cd34 · start shop-worker-production-1.4.2-ab12cd34 after web is healthy" +
  " · switch shop-web-production · drain ≤ 30 s · stop shop-web-production-1.4.1-77aa01ef (≤ 10 s to finish)" +
  " · stop shop-worker-production-1.4.1-77aa01ef (≤ 60 s to finish)   gap 0 s, overlap ≤ 60 s";

describe("the plan of many hosts", () => {
  it.each([3, 30, 300])("is as short for %i hosts as for one, if the same happens on all of them", (count) => {
    expect(preview(numbered(count))).toEqual([
      "release 1.4.2-ab12cd34  (was 1.4.1-77aa01ef)   image shop@sha256:9f310000…  (was shop@sha256:04bd0000…)",
      `  web-1 … web-${count}  ${STEPS}`,
      "  rollback to 1.4.1-77aa01ef stays possible on all hosts",
    ]);
  });

  it("has a line of its own for the host with which something else happens", () => {
    const lines = preview(numbered(30), { "web-7": aHost([exited(web, 137), worker], [aRouteTo(web)]) });
    expect(lines).toHaveLength(4);
    expect(lines[1]).toBe(`  web-1 … web-6, web-8 … web-30  ${STEPS}`);
    expect(lines[2]).toMatch(/^ {2}web-7 {26}start shop-web-.* {3}was down$/);
  });

  it("counts hosts whose names are no range, and names them below", () => {
    const hosts = ["amber", "blue", "cyan", "dust", "ebony", "fern", "green", "hazel", "ivory"];
    expect(preview(hosts).slice(1, 3)).toEqual([
      `  9 hosts  ${STEPS}`,
      "           on amber, blue, cyan, dust, ebony, fern, green, hazel, ivory",
    ]);
  });

  it("is one line for containers that differ only in their hash, as those with a value of their own on each host", () => {
    const hosts = numbered(30);
    const hashOf = (at: number) => `1.4.2-${String(at).padStart(8, "a")}`;
    const containers = Object.fromEntries(
      hosts.flatMap((host, at) => [
        [`${host}/web`, hashOf(at)],
        [`${host}/worker`, V2],
      ]),
    );
    const lines = preview(hosts, {}, { containers });
    expect(lines[1]).toMatch(
      /^ {2}web-1 … web-30 {2}start shop-web-production-1\.4\.2-… · start shop-worker-production-1\.4\.2-… /,
    );
    expect(lines).toHaveLength(3);
  });

  it("keeps the exact names where few hosts differ in them", () => {
    const containers = {
      "web-1/web": "1.4.2-aaaaaaa1",
      "web-2/web": "1.4.2-aaaaaaa2",
      "web-1/worker": V2,
      "web-2/worker": V2,
    };
    expect(preview(numbered(2), {}, { containers }).filter((line) => line.includes("start"))).toEqual([
      expect.stringMatching(/^ {2}web-1 {2}start shop-web-production-1\.4\.2-aaaaaaa1 /),
      expect.stringMatching(/^ {2}web-2 {2}start shop-web-production-1\.4\.2-aaaaaaa2 /),
    ]);
  });

  it("says the first waves and the last one", () => {
    const boot = { limit: 10, wait: 5, parallelRoles: true };
    expect(preview(numbered(300), {}, { boot }).at(-2)).toBe(
      "  in 30 waves, 5 s apart: web-1 … web-10, then web-11 … web-20, then web-21 … web-30, then web-31 … web-40, …," +
        " then web-291 … web-300; if one fails, all go back",
    );
  });

  it.each([30, 300])("of %i hosts fits into a comment of a pull request, even if each was found differently", (count) => {
    const hosts = numbered(count);
    const each = (host: HostName, at: number): [HostName, FoundHost] => [
      host,
      at % 3 === 0
        ? { kind: "unreachable", reason: `203.0.113.${at}:22 does not answer within 10 s` }
        : aHost([exited(web, at), worker], [aRouteTo(web)]),
    ];
    const text = preview(hosts, Object.fromEntries(hosts.map(each))).join("\n");
    expect(text.length).toBeLessThan(COMMENT);
  });
});
