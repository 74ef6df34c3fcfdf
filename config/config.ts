import type { SlipwayError } from "../core/error.ts";
import { absoluteImage, isTag } from "../core/image-reference.ts";
import { isInNoRegistry } from "../core/local-image.ts";
import type { Registry } from "../core/registry.ts";
import type { Boot } from "../core/release/boot.ts";
import type { ReleaseCommand } from "../core/release/command.ts";
import type { Maintenance } from "../core/release/maintenance.ts";
import type { ProxyFiles } from "../core/release/proxy-file.ts";
import type { Trust } from "../core/trust.ts";
import type { Seconds } from "../core/words.ts";
import { type Accessory, resolveAccessories } from "./accessory/accessory.ts";
import { placeOfAlone, refuseProxyFiles } from "./accessory/alone.ts";
import { writtenHosts } from "./accessory/hosts.ts";
import { refuseNameClashes } from "./accessory/name.ts";
import { resolveAliases } from "./aliases.ts";
import { refusePortClashes, refuseRouteClashes, refuseSharedCertificates, tenantsOf } from "./clash.ts";
import { TAG_RULE } from "./container/image.ts";
import { resolveLabels } from "./container/label.ts";
import { resolveMounts } from "./container/mount.ts";
import { resolveRootEnv } from "./env/env.ts";
import { resolveSecrets, type WantedSecret } from "./env/secret.ts";
import { resolveSources, type SecretSource } from "./env/source.ts";
import { type Docker, resolveDocker } from "./hosts/docker.ts";
import { type Firewall, resolveFirewall } from "./hosts/firewall.ts";
import { refuseDeclared } from "./hosts/forget.ts";
import { type Harden, resolveHarden } from "./hosts/harden.ts";
import { type HetznerShared, resolveHetznerShared } from "./hosts/hetzner.ts";
import type { Host } from "./hosts/host.ts";
import { HostBook } from "./hosts/host-book.ts";
import { resolveSsh, type Ssh } from "./hosts/ssh.ts";
import { refuseLongNames } from "./long-names.ts";
import { type ErrorPages, readErrorPages } from "./proxy/error-pages.ts";
import { ProxyFileBook } from "./proxy/files.ts";
import { type ProxyRun, resolveProxyRun } from "./proxy/run.ts";
import { type RawConfig, readRaw } from "./raw.ts";
import { resolveBoot } from "./release/boot.ts";
import { type Canary, resolveCanary } from "./release/canary.ts";
import { resolveReleaseCommand } from "./release/command.ts";
import { type Hooks, resolveHooks } from "./release/hooks.ts";
import { type AppSource, type ImageSource, resolveSource } from "./release/image-source.ts";
import { resolveMaintenance } from "./release/maintenance.ts";
import { checkNotify } from "./release/notify.ts";
import { resolveRegistry } from "./release/registry.ts";
import { type Role, type RootOfRoles, resolveRoles } from "./release/role.ts";
import { resolveVerify } from "./release/verify.ts";
import { ROOT_KEYS } from "./root.ts";
import { type Job, resolveJobs } from "./schedule/job.ts";
import { resolveSchedule, type Schedule } from "./schedule/schedule.ts";
import { isName, NAME_RULE, quoted } from "./schema/name.ts";
import { type Problem, Problems, type Source } from "./schema/problem.ts";
import { refuseSharedData } from "./shared-data.ts";
import { wire } from "./wiring.ts";

/** A stack's config, resolved: complete with defaults. Contains secrets in plain text: wrap them before they become inputs of a resource. */
export interface Config extends ImageSource {
  readonly service: string;
  /** undefined: containers and routes are named as Kamal names them without a destination. */
  readonly destination: string | undefined;
  /** The name of the release; undefined: that of what it runs. */
  readonly version: string | undefined;
  readonly registry: Registry | undefined;
  /** Whose signature the images must have; undefined: none is looked for. */
  readonly verify: Trust | undefined;
  readonly ssh: Ssh;
  readonly docker: Docker;
  readonly firewall: Firewall | undefined;
  readonly harden: Harden | undefined;
  readonly hetzner: HetznerShared;
  /** Stacks whose things on the hosts become this stack's. */
  readonly adopt: readonly string[];
  /** All hosts of all roles and accessories, sorted by name. */
  readonly hosts: readonly Host[];
  /** The primary role first, the others by name. None: the stack is accessories alone. */
  readonly roles: readonly Role[];
  /** Sorted by name. */
  readonly accessories: readonly Accessory[];
  /** Name → value in plain text; `secret` of an env refers to these names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly proxyRun: ProxyRun;
  readonly deployTimeout: Seconds;
  readonly drainTimeout: Seconds;
  /** How long a run waits until replaced containers have ended. */
  readonly stopWait: Seconds;
  readonly retainContainers: number;
  readonly boot: Boot;
  /** How long a new release is watched after the switch, before the old one stops. */
  readonly watch: Seconds;
  readonly releaseCommand: ReleaseCommand | undefined;
  readonly hooks: Hooks;
  readonly canary: Canary | undefined;
  readonly maintenance: Maintenance | undefined;
  readonly errorPages: ErrorPages | undefined;
  /** Certificates and error pages, which the proxies read. */
  readonly proxyFiles: ProxyFiles;
  /** Sorted by name. */
  readonly jobs: readonly Job[];
  readonly schedule: Schedule;
  /** What a preview says of how the config was made, once. */
  readonly notes: readonly string[];
}

/** The sources of a config, and the names that it uses of them. */
export interface Question {
  /** In the order of precedence; none if one of them cannot be read. */
  readonly sources: readonly SecretSource[];
  readonly wanted: readonly WantedSecret[];
}

/** A config and what is wrong with it. */
export interface ReadConfig {
  readonly problems: readonly Problem[];
  /** What sources have to be asked, whatever they have answered already. */
  readonly question: Question;
  /** What is refused in it has any value. */
  readonly config: () => Config;
  /** Some of the problems as one error. */
  readonly error: (some: readonly Problem[]) => SlipwayError;
}

/**
 * Reads a stack's config, or throws one `SlipwayError` with everything that is wrong. Contacts nothing.
 *
 * @example
 * parseConfig({ values: pulumi.runtime.allConfig(), secretKeys, stack: "production", file: "stacks/Pulumi.production.yaml" })
 */
export function parseConfig(raw: RawConfig): Config {
  const { problems, config, error } = readConfig(raw);
  if (problems.length > 0) throw error(problems);
  return config();
}

/** Reads a config that may be wrong. Contacts nothing. */
export function readConfig(raw: RawConfig): ReadConfig {
  const problems = new Problems(sourceOf(raw));
  const { input, failed, sealed } = readRaw(raw, problems);
  const at = problems.at.bind(problems);

  // That of an accessory alone is the name of its container, which is checked as such.
  const service = raw.alone === undefined ? resolveService(input.service, problems) : (input.service ?? "");
  const destination = resolveDestination(input.destination ?? raw.stack, problems);
  const sources = resolveSources(input.secrets_from, at("secrets_from"));
  for (const { source, message } of raw.answers?.faults ?? []) at("secrets_from", source).refuse(message);
  const isUnread = failed.has("secrets") || failed.has("secrets_from") || sources.includes(undefined);
  const stored = { own: input.secrets ?? {}, sources, answers: raw.answers };
  const given = isUnread ? undefined : resolveSecrets(stored, sealed, at("secrets"));
  const { image, builder } = resolveSource(input, service, given, at());
  const ssh = resolveSsh(input.ssh, given, sealed, at("ssh"));
  const rootEnv = resolveRootEnv(input.env, given, sealed, at("env"));
  const project = raw.root ?? process.cwd();
  const errorPages = readErrorPages(input.error_pages_path, project, at("error_pages_path"));
  const hosts = new HostBook(ssh);
  const files = new ProxyFileBook({ service, destination });
  const drainTimeout = input.drain_timeout ?? 30;
  const proxyRun = resolveProxyRun(input.proxy?.run, at("proxy", "run"));
  const app: AppSource = { service, image, builder: input.builder, secrets: given };
  const root: RootOfRoles = {
    app,
    primaryRole: input.primary_role ?? "web",
    allowEmpty: input.allow_empty_roles ?? false,
    env: rootEnv.env,
    tags: failed.has("env") ? undefined : rootEnv.tags,
    labels: resolveLabels(input.labels, at("labels")),
    mounts: resolveMounts(input.volumes, at("volumes")),
    assetPath: input.asset_path,
    logging: input.logging,
    proxy: failed.has("proxy") ? undefined : (input.proxy ?? {}),
    readinessDelay: input.readiness_delay ?? 7,
    stopTimeout: input.stop_timeout,
    drainTimeout,
    secrets: given,
    errorPages,
    files,
    hetzner: failed.has("hetzner") ? undefined : (input.hetzner ?? {}),
    described: Object.entries(input.accessories ?? {}).map(([name, one]) => ({
      input: writtenHosts(one),
      place: at("accessories", name, "hosts"),
    })),
  };
  const isApp = input.servers !== undefined && !failed.has("servers");
  const roles = isApp ? resolveRoles(input.servers ?? [], root, hosts, at("servers")) : [];
  if (input.servers === undefined && !failed.has("servers"))
    for (const { input: named, place } of root.described) hosts.addNamed(named, place);
  const registry = resolveRegistry(input.registry, given, sealed, at("registry"));
  const ofRoles = new Map(roles.map((role) => [role.name, role.hosts]));
  const accessories = resolveAccessories(
    input.accessories ?? {},
    {
      service,
      destination,
      registry,
      sealed,
      secrets: given,
      errorPages,
      files,
      roles: failed.has("servers") ? undefined : ofRoles,
      book: hosts,
      root: project,
      readinessDelay: root.readinessDelay,
    },
    at("accessories"),
  );
  const tenants = tenantsOf(roles, accessories, at());
  refuseNameClashes(accessories, roles, { service, destination }, at("accessories"));
  refuseRouteClashes(tenants);
  refuseSharedCertificates(tenants);
  refusePortClashes(tenants, proxyRun, hosts.all, at());
  refuseSharedData(roles, accessories, at());
  if (raw.alone !== undefined) refuseProxyFiles(files, at(...placeOfAlone(raw.alone), "proxy", "ssl"));
  hosts.refuseStrayPins(at("ssh", "host_keys"));
  resolveAliases(input.aliases, at("aliases"));
  checkNotify(input.notify, given, at("notify"));
  refuseDeclared(input.forget, hosts.all, at("forget"));
  const secrets = { ...given?.fromSources, ...input.secrets, ...rootEnv.hidden };
  const unwired = { roles, accessories, hosts: hosts.all, secrets };
  const wired = failed.has("accessories") ? unwired : wire(unwired, at("accessories"));
  const images = [{ image, builder }, ...roles.flatMap(({ own }) => own ?? [])];
  const jobs = failed.has("jobs") ? [] : resolveJobs(input.jobs, { roles, app }, at("jobs"));
  refuseLongNames({ roles, accessories, jobs, hosts: hosts.all }, { service, destination }, at());
  const config: Config = {
    service,
    destination,
    image,
    builder,
    version: resolveVersion(input.version, problems),
    registry,
    verify: resolveVerify(input.verify, { sources: images, canary: input.canary?.image, project }, at("verify")),
    ssh,
    docker: resolveDocker(failed.has("docker") ? {} : input.docker, at("docker")),
    firewall: failed.has("firewall") ? undefined : resolveFirewall(input.firewall, at("firewall")),
    harden: failed.has("harden") ? undefined : resolveHarden(input.harden),
    hetzner: resolveHetznerShared(input.hetzner, at("hetzner")),
    adopt: [input.adopt ?? []].flat(),
    hosts: hosts.all,
    roles: wired.roles,
    accessories: wired.accessories,
    secrets: wired.secrets,
    proxyRun,
    deployTimeout: input.deploy_timeout ?? 30,
    drainTimeout,
    stopWait: input.stop_wait ?? 30,
    retainContainers: input.retain_containers ?? 5,
    boot: resolveBoot(input.boot, new Set([...ofRoles.values()].flat()).size, at("boot")),
    watch: input.watch ?? 0,
    releaseCommand: resolveReleaseCommand(input.release, at("release")),
    hooks: resolveHooks(
      input.hooks,
      {
        path: input.hooks_path,
        output: input.hooks_output,
        timeout: input.hooks_timeout,
        root: project,
        builders: images.flatMap((source) => source.builder?.with ?? []),
      },
      at(),
    ),
    canary: resolveCanary(input.canary, image, roles, at("canary")),
    maintenance: resolveMaintenance(input.maintenance, roles, at("maintenance")),
    errorPages,
    proxyFiles: files.all,
    jobs,
    schedule: resolveSchedule(input.schedule, at("schedule")),
    notes: [],
  };
  return {
    problems: problems.all,
    question: { sources: isUnread ? [] : sources.filter((source) => source !== undefined), wanted: given?.wanted ?? [] },
    config: () => frozen(withAbsoluteImages(config)),
    error: (some) => problems.error(raw.file, ROOT_KEYS, some),
  };
}

/** Numbers below a key with a secret are not shown. */
const sourceOf = ({ plain, secretKeys, names, alone }: RawConfig): Source => ({
  names,
  within: alone === undefined ? undefined : placeOfAlone(alone),
  scalars: plain ?? [],
  hidden: new Set([...secretKeys].map((key) => key.replace("slipway:", ""))),
});

/** Images that name no registry are in the one that the config logs in to. Accessories alone have none of an app. */
function withAbsoluteImages({ roles, canary, jobs, registry, ...config }: Config): Config {
  const absolute = <T extends { readonly image: string }>(of: T): T =>
    of.image === "" || isInNoRegistry(of.image) ? of : { ...of, image: absoluteImage(of.image, registry?.server) };
  return {
    ...absolute(config),
    roles: roles.map((role) => ({ ...role, own: role.own && absolute(role.own) })),
    canary: canary && absolute(canary),
    jobs: jobs.map((job) => ({ ...job, own: job.own && absolute(job.own) })),
    registry,
  };
}

function resolveService(service: string | undefined, problems: Problems): string {
  if (service !== undefined && !isName(service))
    problems.at("service").refuse(`${quoted(service)} is not a valid name of a service: ${NAME_RULE}`);
  return service ?? "";
}

function resolveDestination(destination: string, problems: Problems): string | undefined {
  if (destination === "none") return undefined;
  if (!isName(destination))
    problems.at("destination").refuse(`${quoted(destination)} is not a valid name of a destination: ${NAME_RULE}`);
  return destination;
}

function resolveVersion(version: string | undefined, problems: Problems): string | undefined {
  if (version !== undefined && !isTag(version))
    problems.at("version").refuse(`${quoted(version)} is not a valid name of a release: ${TAG_RULE}`);
  return version;
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
  return value;
}
