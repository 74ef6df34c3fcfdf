import { describe, expect, it } from "vitest";
import { accessoryProvider } from "../../../../providers/accessory/provider.ts";
import { forgottenIn } from "../../../../providers/pulumi/forgotten.ts";
import { planKnown } from "../../../../providers/pulumi/plan-known.ts";
import { releaseProvider } from "../../../../providers/release/provider.ts";
import { aContainer as aMain, anAccessory, aState, found } from "../accessory/fixture.ts";
import { aContainer, aRelease, serving, V1, V2, WEB } from "../release/fixture.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const LATER = "(known after this run)";
const forgotten = forgottenIn(undefined);

/** The line of web-1 in the plan of a release that replaces another one. */
function lineOf(changes: object, ofRole: object = {}): string {
  const state = { ...aRelease(V1), fleet: { "web-1": serving(aContainer(V1)) }, releases: [] };
  const wanted = { ...aRelease(V2), roles: { web: { ...WEB, ...ofRole } }, ...changes };
  const { text } = planKnown(releaseProvider, wanted, { state, forgotten });
  return (text.split("\n")[1] ?? "").replaceAll("shop-web-production", "web").trim();
}

const START = "start web-1.4.2-ab12cd34 · switch web";
const STOP = "stop web-1.4.1-77aa01ef (≤ 10 s to finish)";

describe("a release that a preview knows in part", () => {
  it("is planned as always where it knows all", () =>
    expect(lineOf({})).toBe(`web-1  ${START} · drain ≤ 30 s · ${STOP}   gap 0 s`));

  it.each<[string, object, object, string]>([
    ["a time", { drainTimeout: UNKNOWN }, {}, `${START} · drain ≤ ${LATER} s · ${STOP}   gap 0 s`],
    ["a time of a role", {}, { stopTimeout: UNKNOWN }, `${START} · drain ≤ 30 s · ${STOP.replace("10", LATER)}   gap 0 s`],
    [
      "how many containers there are",
      {},
      { replicas: UNKNOWN },
      `${START.replace(" ·", ` · ${LATER} ·`)} · drain ≤ 30 s · ${STOP}   gap 0 s`,
    ],
    ["whether it is in maintenance", { maintenance: UNKNOWN }, {}, `${LATER} · ${START} · drain ≤ 30 s · ${STOP}   ${LATER}`],
    ["which of two comes first", {}, { strategy: UNKNOWN }, `${LATER} · ${START} · drain ≤ 30 s · ${LATER}`],
    ["its limits", {}, { options: { ...WEB.options, memory: UNKNOWN } }, `${START} · drain ≤ 30 s · ${STOP}   gap 0 s`],
    ["its mounts in memory", {}, { options: { ...WEB.options, tmpfs: UNKNOWN } }, `${START} · drain ≤ 30 s · ${STOP}   gap 0 s`],
  ])("is planned without %s", (_, changes, ofRole, line) => expect(lineOf(changes, ofRole)).toBe(`web-1  ${line}`));

  it("says nothing that depends on whether it is proxied", () => {
    const line = lineOf({}, { proxy: UNKNOWN, ready: { by: UNKNOWN } });
    expect(line).toBe(`web-1  ${START.split(" ·")[0]} · ${LATER} · ${STOP}   ${LATER}`);
  });

  it("names neither its id nor its image", () => {
    const changes = { release: UNKNOWN, image: UNKNOWN, containers: { "web-1/web": UNKNOWN } };
    const { text } = planKnown(releaseProvider, { ...aRelease(V2), ...changes }, { state: undefined, forgotten });
    expect(text).toBe(
      `release ${LATER}   image ${LATER}\n  web-1  start shop-web-production-${LATER} · switch shop-web-production   first release`,
    );
  });
});

describe("a plan that cannot be made of values in place of those that are unknown", () => {
  const planned = (changes: object) => {
    const state = { ...aRelease(V1), fleet: { "web-1": serving(aContainer(V1)) }, releases: [] };
    return planKnown(releaseProvider, { ...aRelease(V2), ...changes }, { state, forgotten }).text;
  };

  it("is left to the run", () =>
    expect(planned({ containers: UNKNOWN })).toBe("no plan yet: it depends on values that are not known before the run"));

  it("is refused where it is refused with any values", () =>
    expect(() => planned({ drainTimeout: UNKNOWN, service: "store" })).toThrow("the app shop-production would become"));
});

describe("an accessory that a preview knows in part", () => {
  const file = { path: "/etc/users.acl", mode: 0o644, template: false, content: "user canary\n", encoding: "utf8" as const };
  const fileFingerprints = { "/etc/users.acl": "9f310000aaaaaaaabbbbbbbbcccccccc" };
  const db = { ...anAccessory({ files: [file] }), fileFingerprints };
  const linesOf = (changes: object): string[] => {
    const state = aState(db, { found: found({ main: aMain(db) }) });
    return planKnown(accessoryProvider, { ...db, ...changes }, { state, forgotten }).text.split("\n");
  };

  it("is planned without the content of a file, which is named", () => {
    const changes = { spec: UNKNOWN, files: [{ ...file, content: UNKNOWN }], fileFingerprints: { "/etc/users.acl": UNKNOWN } };
    expect(linesOf(changes)[0]).toBe(
      `db on web-1   replace in place, gap about 2 s: files ~/etc/users.acl (content 9f310000 → ${LATER})`,
    );
  });

  it("is planned without a limit", () =>
    expect(linesOf({ options: { ...db.options, memory: UNKNOWN } }).at(-1)).toBe(
      `  memory no limit → ${LATER} bytes, without a restart`,
    ));

  it("is planned without its image, on which its health check depends", () => {
    const [headline, steps] = linesOf({ image: UNKNOWN, spec: UNKNOWN, preset: UNKNOWN, ready: UNKNOWN });
    expect(headline).toBe(`db on web-1   replace in place, gap about ${LATER} s: image postgres:16.4 → ${LATER}`);
    expect(steps).toMatch(`  pull ${LATER}, create shop-db-production-next · stop shop-db-production (≤ 60 s) · `);
    expect(steps).toContain(`· healthy? ${LATER} (≤ 60 s) · `);
  });

  it("has a line for what may be said of it", () =>
    expect(linesOf({ data: UNKNOWN })).toEqual([`db on web-1   no change on the ${LATER}`, `  ${LATER}`]));
});
