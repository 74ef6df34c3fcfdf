import type { RoleSpec } from "../../../../core/release/role.ts";
import type { RouteSpec } from "../../../../core/route.ts";
import { stableHash } from "../../../../core/values.ts";
import type { HostName, ReleaseId, RoleName } from "../../../../core/words.ts";
import type { Fleet, Found, FoundCommand, FoundHost, FoundImage, FoundRoute } from "../../../../providers/release/fleet.ts";
import type { Canary, ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { targetOf } from "../../../../providers/release/live.ts";
import { containerName } from "../../../../providers/release/places.ts";
import { commandName } from "../../../../providers/release/plan-commands.ts";

/** Release ids of three versions, oldest first. */
export const [V1, V2, V3] = ["1.4.1-77aa01ef", "1.4.2-ab12cd34", "1.5.0-0c0ffee0"] as const;
const DIGESTS: Readonly<Record<string, string>> = { "1.4.1": "04bd", "1.4.2": "9f31", "1.5.0": "77c2" };

const versionOf = (release: ReleaseId): string => release.split("-")[0] ?? "";

/** By digest. Releases that differ in their config alone have one image. */
export const imageOf = (release: ReleaseId): string => {
  const version = versionOf(release);
  return `registry.example/acme/shop@sha256:${DIGESTS[version]?.padEnd(64, "0") ?? stableHash(version)}`;
};

/** The image of a release, as it is found where no container uses it. */
export const anImage = (release: ReleaseId): FoundImage => ({ id: `sha256:${release}`, digests: [imageOf(release)] });

export const ROUTE: RouteSpec = {
  appPort: 3000,
  hosts: ["shop.example"],
  pathPrefixes: ["/"],
  stripPathPrefix: true,
  tls: { kind: "off" },
  tlsRedirect: true,
  healthcheck: { path: "/up", interval: 1, timeout: 5 },
  responseTimeout: 30,
  buffering: { requests: true, responses: true, memory: 1_048_576, maxRequestBody: 0, maxResponseBody: 0 },
  forwardHeaders: true,
  logging: { requestHeaders: [], responseHeaders: [] },
  scopeCookiePaths: false,
};

export const WEB: RoleSpec = {
  hosts: ["web-1"],
  replicas: 1,
  strategy: "start-first",
  ready: { by: "route" },
  on: {},
  env: { RATE_LIMIT: "10" },
  secretEnv: { STRIPE_KEY: "STRIPE_KEY" },
  secretsFingerprint: "f00d",
  labels: {},
  options: {
    restart: { name: "unless-stopped" },
    capAdd: [],
    capDrop: [],
    readOnly: false,
    tmpfs: {},
    addHost: [],
    ulimits: [],
  },
  mounts: [],
  logging: { driver: "json-file", options: { "max-size": "10m" } },
  stopTimeout: 10,
  stopDelay: 0,
  proxy: ROUTE,
};

const { proxy: _none, ...unproxied } = WEB;
export const WORKER: RoleSpec = {
  ...unproxied,
  hosts: ["jobs-1"],
  command: ["/app", "worker"],
  stopTimeout: 60,
  ready: { by: "docker", delay: 7 },
};

/** A release of `shop` to production, as the program declares it. */
export function aRelease(
  release: ReleaseId,
  roles: Readonly<Record<RoleName, RoleSpec>> = { web: WEB },
  changes: Partial<ReleaseInputs> = {},
): ReleaseInputs {
  const slots = Object.entries(roles).flatMap(([role, { hosts }]) => hosts.map((host) => `${host}/${role}`));
  const names = [...new Set(Object.values(roles).flatMap(({ hosts }) => hosts))];
  return {
    schema: 1,
    service: "shop",
    destination: "production",
    stack: "slipway/production",
    version: versionOf(release),
    image: imageOf(release),
    release,
    containers: Object.fromEntries(slots.map((slot) => [slot, release])),
    routes: {},
    hosts: Object.fromEntries(names.map((name) => [name, { name, address: "203.0.113.10", port: 22, user: "root" }])),
    made: [],
    roles,
    secrets: { STRIPE_KEY: "sk_live_canary" },
    deployTimeout: 30,
    drainTimeout: 30,
    stopWait: 60,
    retainContainers: 5,
    boot: { limit: 0, wait: 0, parallelRoles: true },
    watch: 0,
    proxyFiles: {},
    ...changes,
  };
}

/** Names are made of what all its releases have in common. */
const APP = aRelease(V1);

const ids = new Map<string, string>();

/** A hash of these words. The same few thousand are asked for a hundred thousand times. */
export function idOf(word: string, ...more: readonly string[]): string {
  const key = [word, ...more].join("\0");
  const known = ids.get(key) ?? stableHash(more.length === 0 ? word : [word, ...more]);
  ids.set(key, known);
  return known;
}

/** `release` as the canary of all slots of proxied roles. */
export function aCanary(
  release: ReleaseId,
  share: Canary["share"] = { to: "percent", percent: 10 },
  roles: Readonly<Record<RoleName, RoleSpec>> = { web: WEB },
): { canary: Canary } {
  const proxied = Object.entries(roles).filter(([, { proxy }]) => proxy !== undefined);
  const slots = proxied.flatMap(([role, { hosts }]) => hosts.map((host) => `${host}/${role}`));
  const containers = Object.fromEntries(slots.map((slot) => [slot, release]));
  return { canary: { release, version: versionOf(release), image: imageOf(release), containers, share } };
}

const AGES: Readonly<Record<string, number>> = { [V1]: 1000, [V2]: 2000, [V3]: 3000 };

/** A container of the app, as one of our releases left it running. */
export function aContainer(release: ReleaseId, changes: Partial<Found> = {}): Found {
  const role = changes.role ?? "web";
  const replica = changes.replica ?? 1;
  const name = changes.name ?? containerName(APP, role, release, replica);
  return {
    id: idOf(name),
    name,
    role,
    replica,
    release,
    running: true,
    status: "running",
    edited: [],
    image: `sha256:${release}`,
    created: AGES[release] ?? 0,
    ...changes,
  };
}

export const exited = (container: Found, code = 0): Found => ({
  ...container,
  running: false,
  status: `stopped with code ${code}`,
});

/** As Kamal leaves it: named like ours, without our label. */
export function kamals(version: string, changes: Partial<Found> = {}): Found {
  const { release: _ours, ...found } = aContainer(version, changes);
  return found;
}

/** What the proxy holds when it serves the role of `container`, or of all of them, as `spec` says. */
export function aRouteTo(
  container: Pick<Found, "id" | "role"> | readonly [Found, ...Found[]],
  { appPort, ...options }: RouteSpec = ROUTE,
  changes: Partial<FoundRoute> = {},
): FoundRoute {
  const all: readonly Pick<Found, "id" | "role">[] = "id" in container ? [container] : container;
  const [role = ""] = all.map((one) => one.role);
  return { role, targets: all.map(({ id }) => targetOf(id, appPort)), options, state: { kind: "running" }, ...changes };
}

/** The note that a release command leaves. */
export function aNote(release: ReleaseId, state: FoundCommand["state"], changes: Partial<FoundCommand> = {}): FoundCommand {
  const index = changes.index ?? 0;
  const name = commandName(APP, release, index);
  return {
    id: idOf(name),
    name,
    release,
    index,
    state,
    image: `sha256:${release}`,
    created: AGES[release] ?? 0,
    ...changes,
  };
}

type Reached = Extract<FoundHost, { kind: "reached" }>;

export const aHost = (
  containers: readonly Found[] = [],
  routes: readonly FoundRoute[] = [],
  changes: Partial<Omit<Reached, "reach">> = {},
): Reached => ({
  kind: "reached",
  containers: [...containers],
  routes: [...routes],
  proxy: "running",
  network: true,
  strangers: [],
  clashes: [],
  commands: [],
  helpers: [],
  proxyFiles: [],
  images: [],
  assets: [],
  ...changes,
});

/** A host on which `container` serves, beside `others`. */
export const serving = (container: Found, ...others: readonly Found[]): Reached =>
  aHost([container, ...others], [aRouteTo(container)]);

export const lost = (reason = "203.0.113.10:22 does not answer"): FoundHost => ({ kind: "unreachable", reason });

export const aFleet = (hosts: Readonly<Record<HostName, FoundHost>>): Fleet => ({ ...hosts });
