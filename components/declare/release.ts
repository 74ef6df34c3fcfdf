import type { Config, Role } from "../../config/index.ts";
import type { BuildFacts } from "../../core/build.ts";
import { digestIn, parseReference, pinned, type Reference } from "../../core/image-reference.ts";
import { isLocalImage } from "../../core/local-image.ts";
import type { NamedImage } from "../../core/release/named-image.ts";
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

/** What the tag of an image means in a run, or what is built for it. */
export interface ImageDigest {
  /** Absent: the image is built in this run. */
  readonly image?: string | undefined;
  /** What the image is built from. Absent: it is not built. */
  readonly build?: BuildFacts | undefined;
  /** Of an image that is built: its release has this name, unless the config names it. Default: the image's tag, else of its digest. */
  readonly version?: string | undefined;
}

/** What the tags of a run mean: that of the app, and the others. */
export interface Digests extends ImageDigest {
  readonly canary: string | undefined;
  /** Of roles with an image of their own, by the role's name. Default: none. */
  readonly roles?: Readonly<Record<RoleName, ImageDigest>>;
  /** Of jobs with an image of their own, by the job's name. Default: none, so that such a job's tag is pulled as it is. */
  readonly jobs?: Readonly<Record<string, ImageDigest>>;
  /** Tags beside a digest that the registry did not confirm. Default: none. */
  readonly unconfirmed?: readonly UnconfirmedTag[];
  /** Who has signed images, by digest. Default: no signature is asked for. */
  readonly verified?: Readonly<Record<string, VerifiedImage>>;
  /** What the digests of images that came from files lead to. Default: none. */
  readonly stored?: Readonly<Record<string, ImageIdentity>>;
}

type Images = Pick<
  ReleaseInputs,
  "version" | "image" | "images" | "release" | "containers" | "canary" | "__unconfirmedTags" | "__verified" | "__stored"
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
export function declareImages(config: AppConfig, roles: Record<RoleName, RoleSpec>, digests: Digests): Images {
  const { canary, unconfirmed = [], verified: __verified, stored: __stored } = digests;
  const app = imageOfRole(config, undefined, digests);
  const images = Object.fromEntries(
    ownRoles(config).map((role) => [role, imageOfRole(config, role, digests.roles?.[role] ?? {})] as const),
  );
  const __unconfirmedTags = unconfirmed.length === 0 ? undefined : [...unconfirmed];
  const own = {
    ...declareVersion(app, roles, images),
    ...omitUndefined({ images: Object.keys(images).length === 0 ? undefined : images, __unconfirmedTags, __verified, __stored }),
  };
  if (config.canary === undefined || canary === undefined) return own;
  const tried = named(referenceOf(config.canary.image, config), config.canary.version, { image: canary });
  const { containers: all, ...canaryOf } = declareVersion(tried, roles, images);
  const beside: Slot[] = Object.entries(roles).flatMap(([role, { proxy, hosts }]) =>
    proxy === undefined || images[role] !== undefined ? [] : hosts.map((host): Slot => `${host}/${role}`),
  );
  const containers = Object.fromEntries(Object.entries(all).filter(([slot]) => beside.some((one) => one === slot)));
  return { ...own, canary: { ...canaryOf, containers, share: config.canary.share } };
}

/** The roles that do not run the app's image. */
export const ownRoles = ({ roles }: Pick<AppConfig, "roles">): RoleName[] =>
  roles.flatMap(({ name, own }) => (own === undefined ? [] : [name]));

/** What a role runs. @param role undefined: the app's image; @param digest of that image */
export function imageOfRole(config: AppConfig, role: RoleName | undefined, digest: ImageDigest): NamedImage {
  const own = config.roles.find(({ name }) => name === role)?.own;
  if (own === undefined) return named(referenceOf(config.image, config), config.version, digest);
  const reference = referenceOf(own.image, { service: `${config.service}-${role}` });
  return named(reference, own.version ?? config.version, digest);
}

/** What runs in one place, which the images of other roles do not decide. */
export function releaseAt(config: AppConfig, host: HostName, role: RoleName, digest: ImageDigest): ReleaseId {
  const spec = declareApp(config).roles[role];
  if (spec === undefined) throw new TypeError(`no role ${role}`);
  const { version, image } = imageOfRole(config, role, digest);
  return releaseId(version, specHash(digestIn(image), version, { ...spec, ...spec.on[host] }));
}

/** An image of this machine gets a repository in the store, which only its service decides: a file may be moved, a name may change. */
const referenceOf = (image: string, { service }: Pick<AppConfig, "service">): Reference =>
  isLocalImage(image) ? storedReference(service) : parseReference(image);

function named(reference: Reference, given: string | undefined, { image: digest, version: built }: ImageDigest): NamedImage {
  if (digest === undefined) throw new TypeError("the image of a release is not known");
  const start = "sha256:".length;
  return { version: given ?? built ?? reference.tag ?? digest.slice(start, start + 12), image: pinned(reference, digest) };
}

function declareVersion(app: NamedImage, roles: Record<RoleName, RoleSpec>, own: Readonly<Record<RoleName, NamedImage>>) {
  const slots = Object.entries(roles).flatMap(([role, spec]) => {
    const { version, image } = own[role] ?? app;
    return spec.hosts.map((host) => {
      const hash = specHash(digestIn(image), version, { ...spec, ...spec.on[host] });
      return { slot: `${host}/${role}` as Slot, hash, release: releaseId(version, hash) };
    });
  });
  return {
    ...app,
    release: releaseId(app.version, fleetHash(slots.map(({ hash }) => hash))),
    containers: Object.fromEntries(slots.map(({ slot, release }): [Slot, ReleaseId] => [slot, release])),
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
