import * as pulumi from "@pulumi/pulumi";
import type { Config, Role } from "../config/index.ts";
import type { RouteSpec } from "../core/route.ts";
import type { HostName, ReleaseId, RoleName, Slot } from "../core/words.ts";
import type { Address } from "../hosts/index.ts";
import type { ReleaseInputs, RoleSpec } from "../providers/release/inputs.ts";
import { fleetHash, releaseId, secretsFingerprint, specHash } from "../providers/release/spec.ts";
import { parseReference, pinned } from "../registry/index.ts";
import { DynamicResource } from "./dynamic.ts";
import type { RegistryArgs } from "./registry-login.ts";

export interface ReleaseArgs {
  readonly config: Config;
  /** What the tag of the image means in this run. */
  readonly digest: pulumi.Input<string>;
  readonly hosts: Readonly<Record<HostName, pulumi.Input<Address>>>;
  readonly registry?: RegistryArgs | undefined;
}

/** One version of the app on all its hosts: prepared everywhere, then switched everywhere, or not at all. */
export class Release extends DynamicResource<object> {
  /** `1.4.2-ab12cd34` */
  declare readonly release: pulumi.Output<ReleaseId>;
  /** What runs where: `{"web-1/web": "1.4.2-ab12cd34"}`. */
  declare readonly containers: pulumi.Output<Record<Slot, ReleaseId>>;

  constructor(name: string, { config, digest, hosts, registry }: ReleaseArgs, opts: pulumi.CustomResourceOptions = {}) {
    const roles = describeRoles(config);
    const declared = pulumi.output(digest).apply((known) => declare(config, roles, known));
    const inputs = {
      service: config.service,
      destination: config.destination,
      stack: `${pulumi.getProject()}/${pulumi.getStack()}`,
      version: declared.version,
      image: declared.image,
      release: declared.release,
      containers: declared.containers,
      routes: describeRoutes(config),
      hosts,
      roles,
      registry,
      secrets: pulumi.secret(config.secrets),
      deployTimeout: config.deployTimeout,
      drainTimeout: config.drainTimeout,
      readinessDelay: config.readinessDelay,
      retainContainers: config.retainContainers,
    };
    super("release", name, inputs, opts);
  }
}

/** The parts of a release that follow from the digest. */
function declare(
  config: Config,
  roles: Record<RoleName, RoleSpec>,
  digest: string,
): Pick<ReleaseInputs, "version" | "image" | "release" | "containers"> {
  const reference = parseReference(config.image);
  const version = config.version ?? reference.tag ?? digest.slice("sha256:".length, "sha256:".length + 12);
  const image = pinned(reference, digest);
  const hashes = Object.fromEntries(Object.entries(roles).map(([role, spec]) => [role, specHash(image, version, spec)]));
  const containers = Object.entries(roles).flatMap(([role, spec]) =>
    spec.hosts.map((host): [Slot, ReleaseId] => [`${host}/${role}`, releaseId(version, hashes[role] ?? "")]),
  );
  return {
    version,
    image,
    release: releaseId(version, fleetHash(Object.values(hashes))),
    containers: Object.fromEntries(containers),
  };
}

const describeRoles = (config: Config): Record<RoleName, RoleSpec> =>
  Object.fromEntries(config.roles.map((role) => [role.name, describeRole(config, role)]));

function describeRole(config: Config, role: Role): RoleSpec {
  const secrets = Object.fromEntries(
    Object.entries(role.env.secret).map(([name, source]) => [name, config.secrets[source] ?? ""]),
  );
  return {
    hosts: [...role.hosts],
    ...(role.command === undefined ? {} : { command: [...role.command] }),
    env: { ...role.env.clear },
    secretEnv: { ...role.env.secret },
    secretsFingerprint: secretsFingerprint(secrets, `${config.service}/${config.destination ?? ""}`),
    labels: { ...role.labels },
    options: structuredClone(role.options) as RoleSpec["options"],
    mounts: role.volumes.map(({ kind: _kind, ...mount }) => mount),
    logging: structuredClone(role.logging),
    stopTimeout: role.stopTimeout,
    ...(role.proxy === undefined ? {} : { proxy: structuredClone(role.proxy) }),
  };
}

function describeRoutes(config: Config): Record<Slot, string> {
  const routes = config.roles.flatMap(({ name, hosts, proxy }) =>
    proxy === undefined ? [] : hosts.map((host): [Slot, string] => [`${host}/${name}`, describeRoute(proxy)]),
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
