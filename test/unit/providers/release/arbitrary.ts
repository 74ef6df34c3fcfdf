import fc from "fast-check";
import type { RoleSpec } from "../../../../core/release/role.ts";
import type { HostName, RoleName } from "../../../../core/words.ts";
import type { Fleet, Found, FoundCommand, FoundHost, FoundRoute } from "../../../../providers/release/fleet.ts";
import type { Canary, ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { targetOf } from "../../../../providers/release/live.ts";
import { finishingName } from "../../../../providers/release/taken-out.ts";
import {
  aCanary,
  aContainer,
  aHost,
  aNote,
  anImage,
  aRelease,
  aRouteTo,
  exited,
  idOf,
  kamals,
  lost,
  ROUTE,
  V1,
  V2,
  V3,
  WEB,
  WORKER,
} from "./fixture.ts";

export const HOSTS = ["a", "b", "c"] as const;
export const ROLES: Readonly<Record<RoleName, RoleSpec>> = {
  web: WEB,
  admin: { ...WEB, proxy: { ...ROUTE, appPort: 80, hosts: ["admin.example"] } },
  worker: WORKER,
};
/** The name of 1.4.2 where its environment differs. */
const V2_ON_B = "1.4.2-bbbbbbbb";
const OLDEST = "0.9.0-deadbeef";
const FOLDER = "slipway/shop-production/1f3a9c1f3a9c";

const COMMANDS: readonly string[][][] = [[], [["bin/migrate"]], [["bin/migrate"], ["bin/warm"]]];
const BOOTS = [0, 1, 2].flatMap((limit) => [true, false].map((parallelRoles) => ({ limit, wait: 0, parallelRoles })));
const SHARES: readonly Canary["share"][] = [
  { to: "percent", percent: 10 },
  { to: "allowed", allow: ["ann"] },
];

/** Shrinks to its first choices; one draw for all of them is much cheaper than a draw each. */
const choices = <T>(options: readonly T[], count: number): fc.Arbitrary<T[]> =>
  fc
    .noBias(fc.nat(options.length ** count - 1))
    .map((drawn) =>
      Array.from({ length: count }, (_, at) => options[Math.floor(drawn / options.length ** at) % options.length] as T),
    );

const aRole = fc.record({
  hosts: fc.subarray([...HOSTS]),
  replicas: fc.constantFrom(1, 1, 2),
  strategy: fc.constantFrom("start-first" as const, "stop-first" as const),
});

/** Any release that one can write. */
export const aWish: fc.Arbitrary<ReleaseInputs> = fc
  .record({
    roles: fc.record({ web: aRole, admin: aRole, worker: aRole }, { requiredKeys: [] }),
    differsOnB: fc.boolean(),
    canary: fc.constantFrom(null, null, null, ...SHARES),
    maintenance: fc.constantFrom(null, null, null, null, null, { message: "" }, { message: "Back soon" }),
    boot: fc.constantFrom(...BOOTS),
    files: fc.boolean(),
    assets: fc.boolean(),
    commands: fc.constantFrom(...COMMANDS),
    retainContainers: fc.constantFrom(0, 1, 2, 5),
    stopWait: fc.constantFrom(5, 60),
  })
  .map(({ roles: chosen, differsOnB, canary, maintenance, boot, files, assets, commands, retainContainers, stopWait }) => {
    const roles = Object.fromEntries(
      Object.entries(chosen).map(([name, role]) => [name, specOf(name, role, differsOnB, canary !== null)]),
    );
    if (assets && roles.web !== undefined) roles.web.assets = { path: "/assets" };
    const [host] = chosen.web?.hosts ?? [];
    const wanted = aRelease(V2, roles, {
      boot,
      retainContainers,
      stopWait,
      ...(canary === null ? {} : aCanary(V3, canary, roles)),
      ...(maintenance === null ? {} : { maintenance }),
      ...(files ? { proxyFiles: { [FOLDER]: { "503.html": { from: "text", text: "" } } } } : {}),
      ...(host === undefined || commands.length === 0 ? {} : { releaseCommand: { host, role: "web", commands, timeout: 1 } }),
    });
    if (differsOnB && "b/web" in wanted.containers) wanted.containers["b/web"] = V2_ON_B;
    return wanted;
  });

/** The config refuses a canary beside a role that stops first. */
function specOf(name: RoleName, role: Partial<RoleSpec>, differsOnB: boolean, canary: boolean): RoleSpec {
  const spec = { ...(ROLES[name] ?? WEB), ...role };
  const on = { b: { env: { RATE_LIMIT: "99" }, secretEnv: {}, secretsFingerprint: "" } };
  return {
    ...spec,
    strategy: canary && spec.proxy !== undefined ? "start-first" : spec.strategy,
    on: differsOnB && name === "web" ? on : {},
  };
}

/** As which container of which release one may be found. */
const KNOWN: readonly (readonly [release: string, replica: number])[] = [
  ...([V1, V2, V3, OLDEST, V2_ON_B] as const).map((release) => [release, 1] as const),
  ...([V1, V2] as const).map((release) => [release, 2] as const),
  [V2, 3],
];
const KAMALS = "1.3.0";

const CONDITIONS = [
  "absent",
  "absent",
  "absent",
  "absent",
  "running",
  "running",
  "stopped",
  "edited",
  "renamed",
  "finishing",
] as const;

const aFoundRoute = fc.record({
  targets: fc.array(fc.nat(9), { minLength: 1, maxLength: 2 }),
  ghost: fc.constantFrom(false, false, false, true),
  options: fc.constantFrom("same", "same", "same", "host", "port"),
  state: fc.constantFrom<FoundRoute["state"]>(
    ...[{ kind: "running" } as const, { kind: "running" } as const, { kind: "running" } as const, { kind: "paused" } as const],
    ...[{ kind: "stopped", message: "" } as const, { kind: "stopped", message: "by hand" } as const],
  ),
  rollout: fc.option(
    fc.record({ target: fc.nat(9), percent: fc.constantFrom(0, 10), allow: fc.constantFrom<string[]>([], ["ann"]) }),
    {
      freq: 2,
    },
  ),
});

const aFoundRole = fc.record({
  conditions: choices(CONDITIONS, KNOWN.length + 1),
  age: fc.nat(8),
  route: fc.option(aFoundRoute, { freq: 4 }),
});

const NOTES: readonly (readonly [release: string, index: number])[] = [
  [V1, 0],
  [V2, 0],
  [V2, 1],
  [V3, 0],
  [OLDEST, 0],
];

/** Releases whose image may be there without a container. */
const IMAGES = [V1, V2, V3, OLDEST] as const;

const PROXIES = ["running", "running", "running", "running", "stopped", "missing"] as const;

const aFoundHost = fc.record({
  reach: fc.constantFrom("reached", "reached", "reached", "reached", "reached", "reached", "unreachable", "unknown"),
  roles: fc.record({ web: aFoundRole, admin: aFoundRole, worker: aFoundRole }),
  notes: choices(["absent", "absent", "done", "failed", "running"] as const, NOTES.length),
  helper: fc.constantFrom(false, false, true),
  files: fc.boolean(),
  stale: fc.constantFrom(false, false, true),
  network: fc.constantFrom(true, true, false),
  proxy: fc.constantFrom(...PROXIES),
  images: choices([false, false, true], IMAGES.length),
  assets: fc.boolean(),
});
type Raw<T> = T extends fc.Arbitrary<infer Value> ? Value : never;

/** Releases that no host has had yet, so that something begins. */
const UNHEARD: readonly (readonly string[])[] = [[], [], [V2, V2_ON_B], [V2, V2_ON_B, V3]];

/** Any state in which hosts may be found. */
export const aMess: fc.Arbitrary<Fleet> = fc
  .record({ hosts: fc.record({ a: aFoundHost, b: aFoundHost, c: aFoundHost }), unheard: fc.constantFrom(...UNHEARD) })
  .map(({ hosts, unheard }) =>
    Object.fromEntries(
      Object.entries(hosts).flatMap(([name, raw]): [HostName, FoundHost][] =>
        raw.reach === "unknown" ? [] : [[name, raw.reach === "unreachable" ? lost() : hostOf(name, raw, unheard)]],
      ),
    ),
  );

/** Ids are random in life: they differ from host to host, and from one start to the next. */
export const identified = (salt: string, container: Found): Found => ({ ...container, id: idOf(salt, container.name) });

type Reached = Extract<FoundHost, { kind: "reached" }>;

/** Ids of the images that have a container. */
export const usedOn = ({ containers, commands, helpers }: Pick<Reached, "containers" | "commands" | "helpers">): Set<string> =>
  new Set([...containers, ...commands, ...helpers].map(({ image }) => image));

function hostOf(
  name: HostName,
  { roles, notes, helper, files, stale, proxy, network, images, assets }: Raw<typeof aFoundHost>,
  unheard: readonly string[],
): FoundHost {
  const found = Object.entries(roles).map(([role, raw]) => foundRoleOf(name, role, raw, unheard));
  const commands = NOTES.flatMap(([release, index], at): FoundCommand[] => {
    const state = notes[at];
    if (state === undefined || state === "absent") return [];
    const note = aNote(release, state, { index });
    return [{ ...note, id: idOf(name, note.name) }];
  });
  const containers = found.flatMap((role) => role.containers);
  const helpers = helper ? [{ id: idOf(name, "helper"), name: "shop-bridge", image: "sha256:0" }] : [];
  const used = usedOn({ containers, commands, helpers });
  return aHost(containers, proxy === "missing" ? [] : found.flatMap(({ routes }) => routes), {
    commands,
    proxy,
    network,
    helpers,
    assets: assets ? ["shop-web-assets-1.0.0-00000000"] : [],
    images: [
      ...[...used].map((id) => anImage(id.slice("sha256:".length))),
      ...IMAGES.filter((_release, at) => images[at] === true)
        .map(anImage)
        .filter(({ id }) => !used.has(id)),
    ],
    proxyFiles: proxy === "missing" ? [] : [...(files ? [FOLDER] : []), ...(stale ? ["slipway/shop-production/stale"] : [])],
  });
}

function foundRoleOf(
  host: HostName,
  role: RoleName,
  { conditions, age, route }: Raw<typeof aFoundRole>,
  unheard: readonly string[],
) {
  const known = KNOWN.map(
    ([release, replica], at) =>
      () =>
        aContainer(release, {
          role,
          replica,
          created: (age + at * 5) % 9,
          ...(role === "web" && age % 2 === 0 ? { assets: `shop-web-production-assets-${release}` } : {}),
        }),
  );
  const containers = [...known, () => kamals(KAMALS, { role, created: age })].flatMap((make, at): Found[] => {
    // Most are: what is not there costs nothing.
    if (conditions[at] === "absent") return [];
    const found = identified(host, make());
    if (unheard.includes(found.release ?? "")) return [];
    switch (conditions[at]) {
      case "running":
        return [found];
      case "stopped":
        return [exited(found, at % 2)];
      case "edited":
        return [{ ...found, edited: ["memory 64 MB → no limit"] }];
      case "finishing":
        return [{ ...found, name: finishingName(found.name, UNTIL), finishing: { until: UNTIL.toISOString() } }];
      case "renamed":
        return [{ ...found, name: `renamed-${role}-${at}` }];
      default:
        return [];
    }
  });
  return { containers, routes: route === null ? [] : [routeTo(role, containers, route)] };
}

const UNTIL = new Date("2026-11-30T11:45:00Z");

const GHOST = "0".repeat(64);

function routeTo(role: RoleName, containers: readonly Found[], raw: Raw<typeof aFoundRoute>): FoundRoute {
  const proxy = ROLES[role]?.proxy ?? ROUTE;
  const spec =
    { same: proxy, host: { ...proxy, hosts: ["other.example"] }, port: { ...proxy, appPort: 8080 } }[raw.options] ?? proxy;
  const pick = (at: number): string => containers[at % Math.max(1, containers.length)]?.id ?? GHOST;
  const ids = [...new Set([...raw.targets.map(pick), ...(raw.ghost ? [GHOST] : [])])];
  const rollout = raw.rollout && {
    targets: [targetOf(pick(raw.rollout.target), spec.appPort)],
    percent: raw.rollout.percent,
    allow: raw.rollout.allow,
  };
  return {
    ...aRouteTo({ id: GHOST, role }, spec, { state: raw.state, ...(rollout === null ? {} : { rollout }) }),
    targets: ids.map((id) => targetOf(id, spec.appPort)),
  };
}
