import { stableHash } from "../../core/hash.ts";
import type { RouteSpec } from "../../core/route.ts";
import type { HostName, ReleaseId, RoleName } from "../../core/words.ts";
import { type Fleet, type Found, type FoundHost, type FoundRoute, targetOf } from "../../providers/release/fleet.ts";
import { containerName, type ReleaseInputs, type RoleSpec } from "../../providers/release/inputs.ts";

/** Release ids of three versions, oldest first. */
export const [V1, V2, V3] = ["1.4.1-77aa01ef", "1.4.2-ab12cd34", "1.5.0-0c0ffee0"] as const;
const OLD_IMAGE = `registry.example/acme/shop@sha256:${"04bd".padEnd(64, "0")}`;
const IMAGE = `registry.example/acme/shop@sha256:${"9f31".padEnd(64, "0")}`;

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
  proxy: ROUTE,
};

const { proxy: _none, ...unproxied } = WEB;
export const WORKER: RoleSpec = { ...unproxied, hosts: ["jobs-1"], command: ["/app", "worker"], stopTimeout: 60 };

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
    version: release.split("-")[0] ?? "",
    image: release === V1 ? OLD_IMAGE : IMAGE,
    release,
    containers: Object.fromEntries(slots.map((slot) => [slot, release])),
    routes: {},
    hosts: Object.fromEntries(names.map((name) => [name, { name, address: "203.0.113.10", port: 22, user: "root" }])),
    roles,
    secrets: { STRIPE_KEY: "sk_live_canary" },
    deployTimeout: 30,
    drainTimeout: 30,
    readinessDelay: 7,
    retainContainers: 5,
    ...changes,
  };
}

const AGES: Readonly<Record<string, number>> = { [V1]: 1000, [V2]: 2000, [V3]: 3000 };

/** A container of the app, as one of our releases left it running. */
export function aContainer(release: ReleaseId, changes: Partial<Found> = {}): Found {
  const role = changes.role ?? "web";
  const name = changes.name ?? containerName({ ...aRelease(release) }, role, release);
  return {
    id: stableHash(name),
    name,
    role,
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

/** What the proxy holds when it serves `role` from `container` as `spec` says. */
export function aRouteTo({ id, role }: Pick<Found, "id" | "role">, { appPort, ...options }: RouteSpec = ROUTE): FoundRoute {
  return { role, targets: [targetOf(id, appPort)], options };
}

export const aHost = (containers: readonly Found[] = [], routes: readonly FoundRoute[] = []): FoundHost => ({
  reach: "reached",
  containers: [...containers],
  routes: [...routes],
  proxy: "running",
  clashes: [],
});

/** A host on which `container` serves, beside `others`. */
export const serving = (container: Found, ...others: readonly Found[]): FoundHost =>
  aHost([container, ...others], [aRouteTo(container)]);

export const lost = (reason = "203.0.113.10:22 does not answer"): FoundHost => ({ reach: "unreachable", reason });

export const aFleet = (hosts: Readonly<Record<HostName, FoundHost>>): Fleet => ({ ...hosts });
