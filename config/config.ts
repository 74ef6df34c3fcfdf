import type { Seconds } from "../core/words.ts";
import { hideClear, resolveEnv } from "./env.ts";
import { type Host, HostBook } from "./host.ts";
import { resolveLabels } from "./label.ts";
import { isName, NAME_RULE, quoted } from "./name.ts";
import { Problems } from "./problem.ts";
import { type ProxyRun, resolveProxyRun } from "./proxy-run.ts";
import { type RawConfig, readRaw } from "./raw.ts";
import { type Registry, resolveRegistry } from "./registry.ts";
import { type Role, refuseClashes, resolveRoles } from "./role.ts";
import { ROOT_KEYS } from "./root.ts";
import { resolveSecrets } from "./secret.ts";
import { resolveSsh, type Ssh } from "./ssh.ts";
import { resolveVolumes } from "./volume.ts";

/** All that a stack's config says, complete with defaults. Holds secrets as plain text: wrap them before they become inputs of a resource. */
export interface Config {
  readonly service: string;
  /** undefined: containers and routes are named as Kamal names them without a destination. */
  readonly destination: string | undefined;
  /** As written: `ghcr.io/acme/shop:1.4.2`. */
  readonly image: string;
  readonly version: string | undefined;
  readonly registry: Registry | undefined;
  readonly ssh: Ssh;
  /** All hosts of all roles, sorted by name. */
  readonly hosts: readonly Host[];
  /** The primary role first, the others by name. */
  readonly roles: readonly Role[];
  /** Name → value in plain text; `Role.env.secret` refers to these names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly proxyRun: ProxyRun;
  readonly deployTimeout: Seconds;
  readonly drainTimeout: Seconds;
  readonly readinessDelay: Seconds;
  readonly retainContainers: number;
}

/**
 * Reads a stack's config, or throws one `SlipwayError` with all that is wrong with it. Contacts nothing.
 *
 * @example
 * parseConfig({ values: pulumi.runtime.allConfig(), secretKeys, stack: "production", file: "stacks/Pulumi.production.yaml" })
 */
export function parseConfig(raw: RawConfig): Config {
  const problems = new Problems();
  const { input, failed, sealed } = readRaw(raw, problems);
  const at = problems.at.bind(problems);

  const given = failed.has("secrets") ? undefined : resolveSecrets(input.secrets ?? {}, sealed, at("secrets"));
  const ssh = resolveSsh(input.ssh, given, sealed, at("ssh"));
  const rootEnv = resolveEnv(input.env, given, at("env"));
  const { env, secrets: hidden } = sealed.has("env") ? hideClear(rootEnv) : { env: rootEnv, secrets: {} };
  const hosts = new HostBook(ssh);
  const drainTimeout = input.drain_timeout ?? 30;
  const labels = resolveLabels(input.labels, at("labels"));
  const volumes = resolveVolumes(input.volumes, at("volumes"));
  const roles = failed.has("servers")
    ? []
    : resolveRoles(
        input.servers ?? [],
        {
          primaryRole: input.primary_role ?? "web",
          env,
          labels,
          volumes,
          logging: input.logging,
          proxy: failed.has("proxy") ? undefined : (input.proxy ?? {}),
          stopTimeout: input.stop_timeout,
          drainTimeout,
          secrets: given,
        },
        hosts,
        at("servers"),
      );
  refuseClashes(roles, at("servers"));
  const config: Config = {
    service: resolveService(input.service, problems),
    destination: resolveDestination(input.destination ?? raw.stack, problems),
    image: resolveImage(input.image, problems),
    version: resolveVersion(input.version, problems),
    registry: resolveRegistry(input.registry, given, sealed, at("registry")),
    ssh,
    hosts: hosts.all,
    roles,
    secrets: { ...input.secrets, ...hidden },
    proxyRun: resolveProxyRun(input.proxy?.run, at("proxy", "run")),
    deployTimeout: input.deploy_timeout ?? 30,
    drainTimeout,
    readinessDelay: input.readiness_delay ?? 7,
    retainContainers: input.retain_containers ?? 5,
  };
  if (!problems.none) throw problems.error(raw.file, ROOT_KEYS);
  return frozen(config);
}

function resolveService(service: string | undefined, problems: Problems): string {
  if (service !== undefined && !isName(service))
    problems.at("service").refuse(`${quoted(service)} cannot name a service: ${NAME_RULE}`);
  return service ?? "";
}

function resolveDestination(destination: string, problems: Problems): string | undefined {
  if (destination === "none") return undefined;
  if (!isName(destination)) problems.at("destination").refuse(`${quoted(destination)} cannot name a destination: ${NAME_RULE}`);
  return destination;
}

/** Refuses what no registry would take; the release parses the rest. */
function resolveImage(image: string | undefined, problems: Problems): string {
  if (image === undefined) return "";
  const [path = ""] = image.split("@");
  const repository = path.replace(/:[^/:]*$/, "");
  const place = problems.at("image");
  if (/\s/.test(image)) place.refuse(`${quoted(image)} has blanks`);
  else if (repository === "") place.refuse("should name an image: ghcr.io/acme/shop:1.4.2");
  else if (image.includes("://")) place.refuse("write it without https://");
  else if (/[A-Z]/.test(repository))
    place.refuse(
      `${quoted(image)} has upper case letters before the tag: write ${quoted(image.replace(repository, repository.toLowerCase()))}`,
    );
  return image;
}

function resolveVersion(version: string | undefined, problems: Problems): string | undefined {
  if (version !== undefined && !/^[\w][\w.-]{0,127}$/.test(version))
    problems.at("version").refuse(`${quoted(version)} cannot name a release: letters, digits, ., - and _`);
  return version;
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
  return value;
}
