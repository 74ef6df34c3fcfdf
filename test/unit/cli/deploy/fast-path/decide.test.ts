import fc from "fast-check";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Outcome } from "../../../../../cli/deploy/fast-path/outcome.ts";
import { DYNAMIC, parseCheckpoint } from "../../../../../cli/stack/checkpoint.ts";
import { Hosts, parseAccess } from "../../../../../hosts/index.ts";
import type { DeclarationHash } from "../../../../../project/declaration-hash.ts";
import type { Case } from "./resources.ts";

/** What is on the hosts, by noun. */
const onHosts = new Map<string, unknown>();
const read = (noun: string) => async () => structuredClone(onHosts.get(noun));

/** Providers read hosts in these functions and nowhere else. All that they make of it is real. */
const READS = {
  Release: ["release", "observeFleet"],
  Accessory: ["accessory", "readAccessory"],
  Proxy: ["proxy", "readProxy"],
  DockerEngine: ["docker-engine", "readDocker"],
  Hardening: ["hardening", "readHardening"],
  Firewall: ["firewall", "readFirewall"],
  Schedule: ["schedule", "readSchedule"],
} as const;
const pathOf = (folder: string) => `../../../../../providers/${folder}/observe.ts`;

// The unit tests of one worker share their modules: these are loaded again, and not left behind.
vi.resetModules();
for (const [noun, [folder, name]] of Object.entries(READS))
  vi.doMock(pathOf(folder), async (real) => {
    const functions = await real<Readonly<Record<string, unknown>>>();
    expect(functions[name]).toBeTypeOf("function");
    return { ...functions, [name]: read(noun) };
  });
const { decide, rotatedSince } = await import("../../../../../cli/deploy/fast-path/decide.ts");
const { driftsOf } = await import("../../../../../cli/deploy/fast-path/drift.ts");
const { NOUNS } = await import("./resources.ts");

afterAll(() => {
  for (const [folder] of Object.values(READS)) vi.doUnmock(pathOf(folder));
  vi.resetModules();
});

const [DIGEST, OTHER_DIGEST] = [`sha256:${"9".repeat(64)}`, `sha256:${"8".repeat(64)}`];
/** The hash of what decides the declaration: one run before the last, at the last run, and now. */
const HASHES = { before: "0".repeat(64), last: "1".repeat(64), now: "2".repeat(64) };
const URN = "urn:pulumi:production::shop::";
const MOVED = "the image's tag points to a different image now";
const UNKNOWN = "unknown";

/** What the last runs left, and what has changed since. */
interface Situation {
  readonly cases: readonly Case[];
  /** The resources that the last run left out or failed at, by position. */
  readonly behind: readonly boolean[];
  /** Whether files changed before the last run, and whether they have changed since. */
  readonly hadChanged: boolean;
  readonly haveChanged: boolean;
  readonly tagMoved: boolean;
}

const [RELEASE, ...OTHERS] = NOUNS;

const aSituation: fc.Arbitrary<Situation> = fc
  .tuple(
    RELEASE.cases,
    fc.subarray(OTHERS).chain((nouns) => fc.tuple(...nouns.map(({ cases }) => cases))),
  )
  .chain(([release, others]) =>
    fc.record({
      cases: fc.constant([release, ...others]),
      behind: fc.array(fc.constantFrom(false, false, false, false, true), { minLength: NOUNS.length, maxLength: NOUNS.length }),
      hadChanged: fc.boolean(),
      haveChanged: fc.constantFrom(false, false, true),
      tagMoved: fc.constantFrom(false, false, false, true),
    }),
  );

/** Everything as a complete run left it. */
const SETTLED: Situation = {
  cases: NOUNS.map(({ settled }) => settled),
  behind: [],
  hadChanged: false,
  haveChanged: false,
  tagMoved: false,
};

const withImage = (values: object, noun: string, digest: string): object =>
  noun === "Release" ? { ...values, image: `registry.example/shop@${digest}` } : values;

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: object;
  readonly outputs?: object;
}

function resourcesOf({ cases, behind, hadChanged }: Situation): Resource[] {
  const declared = cases.map(({ noun, state }, at): Resource => {
    const outputs = withImage(state, noun, DIGEST);
    const hash = behind[at] && hadChanged ? HASHES.before : HASHES.last;
    return {
      urn: `${URN}${DYNAMIC}${noun}::${noun}`,
      type: `${DYNAMIC}${noun}`,
      inputs: { ...outputs, __madeFrom: hash },
      outputs,
    };
  });
  return [
    { urn: `${URN}pulumi:pulumi:Stack::shop-production`, type: "pulumi:pulumi:Stack" },
    { urn: `${URN}slipway:Deployment::shop`, type: "slipway:Deployment", outputs: { resources: cases.length + 1 } },
    ...declared,
  ];
}

describe("secrets of sources", () => {
  const madeWith = (secretsFrom: string | undefined) =>
    parseCheckpoint(
      JSON.stringify({
        deployment: {
          resources: [
            { urn: `${URN}slipway:Deployment::shop`, type: "slipway:Deployment" },
            { urn: `${URN}${DYNAMIC}Proxy::web-1`, type: `${DYNAMIC}Proxy`, inputs: { __secretsFrom: secretsFrom } },
          ],
        },
      }),
    );
  const ROTATED = "a secret of slipway:secrets_from has a different value than in the last successful run";

  it.each([
    ["are as in the last run", "a", "a", undefined],
    ["are none, as in the last run", undefined, undefined, undefined],
    ["were rotated", "a", "b", ROTATED],
    ["are new", undefined, "b", ROTATED],
    ["are known only to the program", "a", undefined, "the program asks for secrets"],
  ])("%s", (_, before, now, because) => {
    expect(rotatedSince(madeWith(before), now)).toBe(because);
  });
});

/** What the fast path answers. */
async function answer(
  situation: Situation,
  deployment: object = {},
  declaration?: DeclarationHash,
  digest: string | undefined = situation.tagMoved ? OTHER_DIGEST : DIGEST,
): Promise<Outcome> {
  const checkpoint = parseCheckpoint(JSON.stringify({ deployment: { resources: resourcesOf(situation), ...deployment } }));
  for (const { noun, found } of situation.cases) onHosts.set(noun, found);
  const hash = situation.haveChanged ? HASHES.now : HASHES.last;
  return decide(checkpoint, declaration ?? { kind: "known", hash }, async () => ({
    images: [{ role: undefined, digest: Promise.resolve(digest === UNKNOWN ? undefined : digest), different: MOVED }],
    drift: driftsOf(checkpoint, new Hosts(parseAccess(undefined, {}))),
  }));
}

/** What the engine would change: it runs the program, refreshes each resource, and plans what the program declares of it. */
async function changedByEngine({ cases, behind, hadChanged, haveChanged, tagMoved }: Situation): Promise<string[]> {
  const changed = await Promise.all(
    cases.map(async ({ noun, state, next, found, changes }, at) => {
      const declared = haveChanged || (behind[at] && hadChanged) ? { ...state, ...next } : state;
      onHosts.set(noun, found);
      const isChanged = await changes(
        withImage(state, noun, DIGEST),
        withImage(declared, noun, tagMoved ? OTHER_DIGEST : DIGEST),
      );
      return isChanged ? [noun] : [];
    }),
  );
  return changed.flat();
}

describe("the fast path of a deploy", () => {
  it("answers nothing to do only if the engine would change nothing, whatever was declared, changed and found", async () => {
    const count = { "nothing to do": 0, "start engine": 0 };
    await fc.assert(
      fc.asyncProperty(aSituation, async (situation) => {
        const { kind } = await answer(situation);
        count[kind] += 1;
        if (kind === "nothing to do") expect(await changedByEngine(situation)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(Math.min(...Object.values(count)), JSON.stringify(count)).toBeGreaterThan(20);
  });

  it("answers nothing to do when every kind of resource is as the last run left it", async () => {
    expect(await answer(SETTLED)).toEqual({ kind: "nothing to do", release: "1.4.1-77aa01ef", resources: NOUNS.length + 2 });
    expect(await changedByEngine(SETTLED)).toEqual([]);
  });

  const settled = resourcesOf(SETTLED);
  const changed = (type: string, changes: (resource: Resource) => object) => ({
    resources: settled.map((resource) => (resource.type.endsWith(type) ? { ...resource, ...changes(resource) } : resource)),
  });
  it.each<[doubt: string, deployment: object, because: string]>([
    ["a run was interrupted", { pending_operations: [{}] }, "the last run was interrupted"],
    [
      "a resource is not Slipway's",
      { resources: [...settled, { urn: `${URN}hcloud:index/server:Server::web`, type: "hcloud:index/server:Server" }] },
      "hcloud:index/server:Server is not a resource of Slipway",
    ],
    ["the state is empty", { resources: [] }, "the state has 0 deployments instead of one"],
    [
      "there are two deployments",
      { resources: [...settled, { urn: `${URN}slipway:Deployment::other`, type: "slipway:Deployment" }] },
      "the state has 2 deployments instead of one",
    ],
    ["a resource is missing", { resources: settled.slice(0, -1) }, "the state is from a partial run"],
    [
      "a job has an image of its own, whose tag may have moved",
      changed("Schedule", ({ outputs }) => ({ outputs: { ...outputs, jobs: { report: { image: "acme/report:2" } } } })),
      "a job has an image of its own",
    ],
    [
      "a canary is running",
      changed("Release", ({ outputs }) => ({ outputs: { ...outputs, canary: {} } })),
      "a canary is running",
    ],
    [
      "one resource was left out of the last run",
      changed("Proxy", ({ inputs }) => ({ inputs: { ...inputs, __madeFrom: HASHES.before } })),
      "the project's files have changed since the last successful run",
    ],
    [
      "a resource is of a type that this version does not know",
      changed("Proxy", () => ({ type: `${DYNAMIC}Novelty` })),
      "resources of the type Novelty are unknown to this version",
    ],
    [
      "a resource was declared by another version",
      changed("Proxy", ({ outputs }) => ({ outputs: { ...outputs, schema: 2 } })),
      "Proxy was declared by a different version of Slipway",
    ],
  ])("leaves it to the engine when %s", async (_doubt, deployment, because) => {
    expect(await answer(SETTLED, deployment)).toEqual({ kind: "start engine", because });
  });

  it.each<[doubt: string, situation: Partial<Situation>, because: string]>([
    ["files have changed", { haveChanged: true }, "the project's files have changed since the last successful run"],
    ["the tag has moved", { tagMoved: true }, MOVED],
  ])("leaves it to the engine when %s", async (_doubt, situation, because) => {
    expect(await answer({ ...SETTLED, ...situation })).toEqual({ kind: "start engine", because });
  });

  it("leaves it to the engine when the image is one that was never read", async () => {
    expect(await answer(SETTLED, {}, undefined, UNKNOWN)).toEqual({ kind: "start engine", because: MOVED });
  });

  it.each(NOUNS.filter(({ settled: { found } }) => found !== undefined))(
    "leaves it to the engine when its $noun differs on the host",
    async ({ noun, settled: { state } }) => {
      const lost = { kind: "unreachable", reason: "no answer" };
      const cases = SETTLED.cases.map((one) =>
        one.noun === noun ? { ...one, state, found: noun === "Release" ? {} : lost } : one,
      );
      expect(await answer({ ...SETTLED, cases })).toEqual({
        kind: "start engine",
        because: `${noun} differs from what the last run left`,
      });
    },
  );

  it("leaves it to the engine when the program cannot be followed, without asking the hosts", async () => {
    const because = "the program imports @/lib/a, which is not a file or an installed package";
    expect(await answer(SETTLED, {}, { kind: "unknown", because })).toEqual({ kind: "start engine", because });
  });
});
