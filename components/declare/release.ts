import type { Config, Role } from "../../config/index.ts";
import type { BuildFacts } from "../../core/build.ts";
import { parseReference, pinned, type Reference } from "../../core/image-reference.ts";
import { isLocalImage } from "../../core/local-image.ts";
import type { HostPart, RoleSpec } from "../../core/release/role.ts";
import { fleetHash, releaseId, specHash } from "../../core/release/spec.ts";
import type { UnconfirmedTag } from "../../core/release/unconfirmed-tag.ts";
import type { RouteSpec } from "../../core/route.ts";
import { type ImageIdentity, storedReference } from "../../core/stored-image.ts";
import type { VerifiedImage } from "../../core/trust.ts";
import { omitUndefined } from "../../core/values.ts";
import type { HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import type { ReleaseInputs } from "../../providers/release/inputs.ts";
import { declareEnv } from "./env.ts";

/** What the tags of a run mean. */
export interface Digests {
  /** Absent: the image is built in this run. */
  readonly image?: string | undefined;
  /** What the image is built from. Absent: it is not built. */
  readonly build?: BuildFacts | undefined;
  /** Of an image that is built: its release has this name, unless the config names it. Default: the image's tag, else of its digest. */
  readonly version?: string | undefined;
  readonly canary: string | undefined;
  /** Of jobs with an image of their own, by the job's name. Default: none, so that such a job's tag is pulled as it is. */
  readonly jobs?: Readonly<Record<string, string>>;
  /** Tags beside a digest that the registry did not confirm. Default: none. */
  readonly unconfirmed?: readonly UnconfirmedTag[];
  /** Who has signed images, by digest. Default: nobody has to. */
  readonly verified?: Readonly<Record<string, VerifiedImage>>;
  /** What the digests of images that came from files lead to. Default: none. */
  readonly stored?: Readonly<Record<string, ImageIdentity>>;
}

type Images = Pick<
  ReleaseInputs,
  "version" | "image" | "release" | "containers" | "canary" | "__unconfirmedTags" | "__verified" | "__stored"
>;
type App = Omit<ReleaseInputs, keyof Images | "schema" | "stack" | "__configHash" | "hosts" | "registry">;

/** What decides a release. How it was read does not matter: a stack file and a program declare the same. */
export type AppConfig = Pick<
  Config,
  | (
      | "service"
      | "destination"
      | "adopt"
      | "image"
      | "version"
      | "hosts"
      | "roles"
      | "secrets"
      | "canary"
      | "maintenance"
      | "proxyFiles"
    )
  | ("deployTimeout" | "drainTimeout" | "stopWait" | "retainContainers" | "boot" | "watch" | "releaseCommand")
>;

/** The inputs of a release that the config alone decides. Computed once for each config: fingerprints of secrets take time. */
export function declareApp(config: AppConfig): App {
  const app = declared.get(config) ?? declareOnce(config);
  declared.set(config, app);
  return app;
}

const declared = new WeakMap<AppConfig, App>();

function declareOnce(config: AppConfig): App {
  const { service, destination, hosts, secrets, deployTimeout, drainTimeout, stopWait, retainContainers } = config;
  const { boot, watch, maintenance, proxyFiles } = config;
  return {
    service,
    ...omitUndefined({ destination }),
    made: hosts.flatMap(({ name, madeAt }) => (madeAt === undefined ? [] : [name])),
    routes: describeRoutes(config),
    roles: declareRoles(config),
    secrets,
    deployTimeout,
    drainTimeout,
    stopWait,
    retainContainers,
    ...omitUndefined({ releaseCommand: declareReleaseCommand(config) }),
    boot,
    watch,
    ...omitUndefined({ maintenance }),
    proxyFiles,
  };
}

/** The inputs of a release that follow from the digests. */
export function declareImages(
  config: AppConfig,
  roles: Record<RoleName, RoleSpec>,
  { image, version, canary, unconfirmed = [], verified: __verified, stored: __stored }: Digests,
): Images {
  if (image === undefined) throw new TypeError("the image of a release is not known");
  const __unconfirmedTags = unconfirmed.length === 0 ? undefined : [...unconfirmed];
  const own = {
    ...declareVersion(referenceOf(config.image, config), config.version ?? version, roles, image),
    ...omitUndefined({ __unconfirmedTags, __verified, __stored }),
  };
  if (config.canary === undefined || canary === undefined) return own;
  const tried = declareVersion(referenceOf(config.canary.image, config), config.canary.version, roles, canary);
  const proxied = new Set(
    Object.entries(roles).flatMap(([role, { proxy, hosts }]) =>
      proxy === undefined ? [] : hosts.map((host) => `${host}/${role}`),
    ),
  );
  const containers = Object.fromEntries(Object.entries(tried.containers).filter(([slot]) => proxied.has(slot)));
  return { ...own, canary: { ...tried, containers, share: config.canary.share } };
}

/** An image of this machine gets a repository in the store, which only its service decides: a file may be moved, a name may change. */
const referenceOf = (image: string, { service }: AppConfig): Reference =>
  isLocalImage(image) ? storedReference(service) : parseReference(image);

function declareVersion(reference: Reference, named: string | undefined, roles: Record<RoleName, RoleSpec>, digest: string) {
  const version = named ?? reference.tag ?? digest.slice("sha256:".length, "sha256:".length + 12);
  const image = pinned(reference, digest);
  const slots = Object.entries(roles).flatMap(([role, spec]) =>
    spec.hosts.map((host): [Slot, string] => [`${host}/${role}`, specHash(image, version, { ...spec, ...spec.on[host] })]),
  );
  return {
    version,
    image,
    release: releaseId(version, fleetHash(slots.map(([, hash]) => hash))),
    containers: Object.fromEntries(slots.map(([slot, hash]): [Slot, ReleaseId] => [slot, releaseId(version, hash)])),
  };
}

const declareRoles = (config: AppConfig): Record<RoleName, RoleSpec> =>
  Object.fromEntries(config.roles.map((role) => [role.name, declareRole(config, role)]));

function declareRole(config: AppConfig, role: Role): RoleSpec {
  const { hosts, replicas, strategy, ready, assets, command, env, labels, options, mounts, logging, proxy } = role;
  const { stopTimeout, stopDelay } = role;
  return {
    hosts: [...hosts],
    replicas,
    strategy,
    ready,
    ...omitUndefined({ assets, command }),
    ...declareEnv(config, env),
    labels,
    options,
    mounts,
    logging,
    stopTimeout,
    stopDelay,
    ...omitUndefined({ proxy }),
    on: Object.fromEntries(Object.entries(role.on).map(([host, part]) => [host, declareHostPart(config, part)])),
  };
}

const declareHostPart = (config: AppConfig, { env, proxy }: Role["on"][HostName]): HostPart => ({
  ...declareEnv(config, env),
  ...omitUndefined({ proxy }),
});

/** On the first host of the primary role, in its image and environment. */
function declareReleaseCommand({ releaseCommand, roles }: AppConfig): ReleaseInputs["releaseCommand"] {
  const primary = roles.find((role) => role.primary);
  const [host] = primary?.hosts ?? [];
  if (releaseCommand === undefined || primary === undefined || host === undefined) return undefined;
  return { host, role: primary.name, ...releaseCommand };
}

function describeRoutes(config: AppConfig): Record<Slot, string> {
  const routes = config.roles.flatMap(({ name, hosts, proxy, on }) =>
    proxy === undefined ? [] : hosts.map((host): [Slot, string] => [`${host}/${name}`, describeRoute(on[host]?.proxy ?? proxy)]),
  );
  return Object.fromEntries(routes);
}

/** `https://shop.example → port 3000` */
export function describeRoute(route: RouteSpec): string {
  return `${urlsOf(route).join(", ")} → port ${route.appPort}`;
}

export function urlsOf({ hosts, tls, pathPrefixes }: RouteSpec): string[] {
  const scheme = tls.kind === "off" ? "http" : "https";
  const names = hosts.length === 0 ? ["*"] : hosts;
  return names.flatMap((name) => pathPrefixes.map((prefix) => `${scheme}://${name}${prefix === "/" ? "" : prefix}`));
}
