import { z } from "zod";
import type { Directory } from "../../core/accessory/directory.ts";
import type { AccessoryFile } from "../../core/accessory/file.ts";
import { PRESETS, type Preset, PresetName, presetOf } from "../../core/accessory/preset.ts";
import { type HostPort, publishedPorts } from "../../core/container/host-port.ts";
import type { Logging } from "../../core/container/logging.ts";
import type { Mount } from "../../core/container/mount.ts";
import type { ContainerOptions } from "../../core/container/options.ts";
import type { AccessoryReadiness } from "../../core/container/readiness.ts";
import { absoluteImage, loginFor } from "../../core/image-reference.ts";
import { accessoryContainer } from "../../core/names.ts";
import { isLoopback } from "../../core/range.ts";
import type { Registry } from "../../core/registry.ts";
import type { RouteSpec } from "../../core/route.ts";
import type { Backup } from "../../core/schedule/backup.ts";
import type { ContainerName, HostName, Seconds } from "../../core/words.ts";
import { resolveCommand } from "../container/command.ts";
import { EVERYWHERE } from "../container/host-port.ts";
import { resolveImage } from "../container/image.ts";
import { type Labels, LabelsSection, resolveLabels } from "../container/label.ts";
import { LoggingSection, resolveLogging } from "../container/logging.ts";
import { refuseCovered, resolveMounts } from "../container/mount.ts";
import { OptionsSection, resolveOptions } from "../container/options.ts";
import { type Env, EnvSection, namesOf, resolveRoleEnv } from "../env/env.ts";
import { RoleProxySection } from "../proxy/proxy.ts";
import { RouteConfig, type RouteContext, refuseSharedAcme, resolveRoute } from "../proxy/route.ts";
import { RegistrySection, resolveRegistry } from "../release/registry.ts";
import { BackupSection, resolveBackup } from "../schedule/backup.ts";
import { isName, NAME_RULE, quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, later, section } from "../schema/section.ts";
import type { Absent } from "../schema/unknown-key.ts";
import { addDirectories, DirectoriesSection } from "./directory.ts";
import { FilesSection, resolveFiles } from "./file.ts";
import { ACCESSORY_HOSTS, type Fleet, resolveAccessoryHosts } from "./hosts.ts";
import { resolveNetwork } from "./network.ts";
import { ACCESSORY_PORT, resolveAccessoryPort } from "./port.ts";
import { AccessoryHealthcheckSection, resolveAccessoryReadiness } from "./readiness.ts";

/** A long-lived service beside the app, with a life and data of its own. */
export interface Accessory {
  readonly name: string;
  readonly container: ContainerName;
  /** Sorted by name. */
  readonly hosts: readonly HostName[];
  /** With the name of its registry; the tag as written. */
  readonly image: string;
  /** Its own, else the root's if the image is in that registry. */
  readonly registry: Registry | undefined;
  readonly preset: PresetName | undefined;
  /** Arguments; undefined: the image's own command. */
  readonly command: string[] | undefined;
  /** The port inside the container that clients use: that of `port`, else the preset's. */
  readonly containerPort: number | undefined;
  /** Where it listens on the host; undefined: only on its Docker network. */
  readonly publish: HostPort | undefined;
  /** Only its own: the root's is for the app. */
  readonly env: Env;
  /** What it publishes besides. */
  readonly morePorts: readonly HostPort[];
  /** The complete environment on hosts where its references have different values. */
  readonly on: Readonly<Record<HostName, Env>>;
  readonly files: AccessoryFile[];
  readonly directories: Directory[];
  readonly mounts: Mount[];
  readonly labels: Labels;
  readonly options: ContainerOptions;
  /** undefined: `kamal`. */
  readonly network: string | undefined;
  readonly ready: AccessoryReadiness;
  /** undefined: not proxied. */
  readonly proxy: RouteSpec | undefined;
  readonly logging: Logging;
  readonly stopTimeout: Seconds;
  readonly bootTimeout: Seconds;
  /** What happens to its volumes and folders when it is removed. */
  readonly data: "keep" | "delete";
  readonly startEmpty: boolean;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
  /** undefined: not backed up. */
  readonly backup: Backup | undefined;
  /** Accessories that its env refers to. */
  readonly after: readonly string[];
}

const ABSENT: Absent = {
  restart: "write it under options",
  ...later("setup"),
};

const AccessorySection = section(
  {
    image: field(z.string(), {
      is: "The image. Its tag is resolved once, and again when this text changes: a tag that moves in the registry restarts nothing.",
      refused: "missing",
      example: "postgres:16.4",
    }),
    preset: field(z.enum([...PresetName.options, "none"]), {
      is: "The server in the image, which decides its readiness check, how it is stopped, its port and its client.",
      otherwise: "by the last part of the image's name",
      example: "postgres",
    }),
    ...ACCESSORY_HOSTS,
    service: field(z.string(), {
      is: "The name of its container, of its folder and of its volumes. To take over from Kamal what has another name here, as Kamal puts no destination into it.",
      otherwise: "<service>-<accessory>[-<destination>]",
      refused: "a name that something else of this app has",
      example: "shop-db",
    }),
    cmd: field(z.union([z.string(), z.array(z.string()).min(1)]), {
      is: "Replaces the image's command. It is not run by a shell.",
      otherwise: "the image's",
      refused: "unquoted shell operators, comments and line breaks",
      example: "postgres -c max_connections=200",
    }),
    ...ACCESSORY_PORT,
    env: field(EnvSection, {
      is: "Its environment, with the keys of slipway:env except tags. slipway:env itself applies only to the app.",
      default: {},
      example: { clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop" }, secret: ["POSTGRES_PASSWORD"] },
    }),
    files: field(FilesSection, {
      is: "Files of the project that are put into the container before it starts: `local:remote`, or a map. A change of one replaces the container.",
      default: [],
      refused: "with options.read_only",
      example: ["db/init.sql:/docker-entrypoint-initdb.d/init.sql"],
    }),
    directories: field(DirectoriesSection, {
      is: "Folders of the host for its data: `local:remote`, or a map. They are created if missing, and stay when it is removed.",
      otherwise: "none; the volumes of the image become named volumes",
      refused:
        "a target that is already mounted; a folder that another accessory on the host writes to; with data: delete, a folder at the root of the host",
      example: ["data:/var/lib/postgresql/data"],
    }),
    volumes: field(z.array(z.string()), {
      is: "What it mounts: `source:target[:ro,z,Z]`, as in slipway:volumes.",
      otherwise: "none; the volumes of the image become named volumes",
      refused: "relative paths; a target that is already mounted; a source that another accessory on the host writes to",
      example: ["shop-db:/var/lib/postgresql/data"],
    }),
    labels: field(LabelsSection, {
      is: "Labels of its containers.",
      default: {},
      refused: "service, role, destination, slipway.*",
      example: { team: "checkout" },
    }),
    options: field(OptionsSection, {
      is: "Limits and rights of its containers, with the keys of servers.<role>.options. memory, cpus and restart change without a gap. publish has further ports beside port.",
      example: { memory: "1g", shm_size: "256m" },
    }),
    network: field(z.string(), {
      is: "Its Docker network, created if missing; the app is in kamal.",
      default: "kamal",
      refused: "host, none, bridge, default and container:…",
      example: "shop-data",
    }),
    healthcheck: field(AccessoryHealthcheckSection, {
      is: "How a new container proves that it is ready.",
      otherwise: "the preset's; else that of proxy; else the image's HEALTHCHECK, else slipway:readiness_delay",
      example: { tcp: 9200 },
    }),
    proxy: field(RoleProxySection, {
      is: "How requests reach it through kamal-proxy, with the keys of slipway:proxy except run. It inherits nothing from slipway:proxy.",
      otherwise: "not proxied",
      refused: "a name that something else on the host has",
      example: { host: "search.example.com", app_port: 7700, healthcheck: { path: "/health" } },
    }),
    registry: field(RegistrySection, {
      is: "Login for its image, with the keys of slipway:registry. An image that names no registry is in this one.",
      otherwise: "slipway:registry, if the image is in that registry",
      refused: "a password that is not the name of a secret",
      example: { server: "ghcr.io", username: "shop-deploy", password: ["REGISTRY_PASSWORD"] },
    }),
    logging: field(LoggingSection, {
      is: "Where Docker sends its output, with the keys of slipway:logging, which itself applies only to the app.",
      example: { options: { "max-size": "100m" } },
    }),
    stop_timeout: field(secondsFrom(0), {
      is: "Seconds between the stop signal and SIGKILL.",
      otherwise: "60 for a preset, else 30",
      example: 120,
    }),
    boot_timeout: field(secondsFrom(1), {
      is: "Seconds in which a new container must become healthy. The first start of a database may take long.",
      default: 60,
      example: 300,
    }),
    data: field(z.enum(["keep", "delete"]), {
      is: "What happens to its volumes and folders when it is removed. `delete` applies from the next run on.",
      default: "keep",
      example: "delete",
    }),
    start_empty: field(z.boolean(), {
      is: "Start without data although data that may be its own is on the host: of an accessory that this stack or an adopted one had, of Kamal, or in another user's home.",
      default: false,
      example: true,
    }),
    protect: field(z.boolean(), {
      is: "Whether Pulumi refuses to remove it: by destroy, with its lines in the config, or with its host. A change in place is not refused.",
      default: false,
      example: true,
    }),
    backup: field(BackupSection, {
      is: "Regular backups of its data, made while it runs.",
      otherwise: "no backups",
      example: { schedule: "17 3 * * *", keep: 14, to: { directory: "/var/backups/shop" } },
    }),
  },
  ABSENT,
);
type AccessoryInput = z.infer<typeof AccessorySection>;

/** `slipway:accessories` */
export const AccessoriesSection = z.record(z.string(), AccessorySection);
export type AccessoriesInput = z.infer<typeof AccessoriesSection>;

/** What accessories get from the rest of the config. */
export interface RootOfAccessories extends RouteContext, Fleet {
  readonly service: string;
  readonly destination: string | undefined;
  readonly registry: Registry | undefined;
  /** Root keys that hold a Pulumi secret. */
  readonly sealed: ReadonlySet<string>;
  /** The project's folder. */
  readonly root: string;
  readonly readinessDelay: Seconds;
}

/** Without a preset: longer than Docker's 10, because it may hold data. */
const STOP_TIMEOUT: Seconds = 30;
const BOOT_TIMEOUT: Seconds = 60;

/** Sorted by name. Their env is as written: `wire` replaces its references. */
export const resolveAccessories = (input: AccessoriesInput, root: RootOfAccessories, place: ConfigPath): Accessory[] =>
  Object.entries(input)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, accessory]) => resolveAccessory(name, accessory, root, place.at(name)));

function resolveAccessory(name: string, input: AccessoryInput, root: RootOfAccessories, place: ConfigPath): Accessory {
  if (!isName(name)) place.refuse(`${quoted(name)} is not a valid name of an accessory: ${NAME_RULE}`);
  const own = resolveRegistry(input.registry, root.secrets, root.sealed, place.at("registry"));
  const image = imageOf(input.image, own, place.at("image"));
  const preset = presetFor(input.preset, image);
  const hosts = resolveAccessoryHosts(input, root, place);
  const { publish: morePorts = [], ...options } = resolveOptions(input.options, place.at("options"), {
    own: input.network,
    withoutHost: "its name would lead nowhere: use a network of its own, or set port to publish it",
  });
  const port = resolveAccessoryPort(input, preset?.port, morePorts, place);
  for (const one of publishedPorts({ ...port, morePorts })) refuseSharedAddress(one, hosts, place.at("port"));
  const env = resolveRoleEnv(input.env, root.secrets, place.at("env"));
  refuseUnfitOptions(input, options, place);
  const proxy = input.proxy && routeOf(input.proxy, hosts, port.containerPort, root, place.at("proxy"));
  const known = { preset, containerPort: port.containerPort, proxy, delay: root.readinessDelay };
  const data = input.data ?? "keep";
  const mounts = resolveMounts(input.volumes, place.at("volumes"));
  const directories = addDirectories(mounts, input.directories, data, place.at("directories"));
  refuseCovered(
    options.tmpfs,
    [...mounts, ...directories].map(({ target }) => target),
    place.at("options", "tmpfs"),
  );
  return {
    name,
    container: containerOf(input.service, place.at("service")) ?? accessoryContainer(root, name),
    hosts,
    image,
    registry: own ?? (isOf(image, root.registry) ? root.registry : undefined),
    preset: preset?.name,
    command: resolveCommand(input.cmd, place.at("cmd")),
    ...port,
    morePorts,
    env,
    on: {},
    files: resolveFiles(input.files, { root: root.root, names: new Set(namesOf(env)) }, place.at("files")),
    directories,
    mounts,
    labels: resolveLabels(input.labels, place.at("labels")),
    options,
    network: resolveNetwork(input.network, place.at("network")),
    ready: resolveAccessoryReadiness(input.healthcheck, known, place.at("healthcheck")),
    proxy,
    logging: resolveLogging({ input: input.logging, place: place.at("logging") }),
    stopTimeout: input.stop_timeout ?? preset?.stopTimeout ?? STOP_TIMEOUT,
    bootTimeout: input.boot_timeout ?? BOOT_TIMEOUT,
    data,
    startEmpty: input.start_empty ?? false,
    protect: input.protect ?? false,
    backup: resolveBackup(input.backup, root.secrets, place.at("backup")),
    after: [],
  };
}

function containerOf(written: string | undefined, place: ConfigPath): ContainerName | undefined {
  if (written !== undefined && !isName(written))
    place.refuse(`${quoted(written)} is not a valid name of a container: ${NAME_RULE}`);
  return written;
}

function imageOf(written: string | undefined, own: Registry | undefined, place: ConfigPath): string {
  if (written === undefined) place.refuse("is required");
  const image = written === undefined ? "" : resolveImage(written, place);
  return isReadable(image) ? absoluteImage(image, own?.server) : image;
}

/** Otherwise it has already been refused. */
const isReadable = (image: string): boolean => /^[^@\s]+(@sha256:[0-9a-f]{64})?$/.test(image);

function isOf(image: string, registry: Registry | undefined): boolean {
  return isReadable(image) && loginFor(image, registry) !== undefined;
}

function presetFor(written: AccessoryInput["preset"], image: string): Preset | undefined {
  const name = written ?? presetOf(image) ?? "none";
  return name === "none" ? undefined : PRESETS[name];
}

function refuseUnfitOptions({ files = [] }: AccessoryInput, { readOnly }: ContainerOptions, place: ConfigPath): void {
  if (readOnly && files.length > 0)
    place
      .at("files")
      .refuse("not allowed with options.read_only, which lets no file into the container: mount a folder with volumes");
}

/** An address belongs to only one host. */
function refuseSharedAddress({ ip }: HostPort, hosts: readonly HostName[], place: ConfigPath): void {
  if (hosts.length > 1 && !EVERYWHERE.has(ip) && !isLoopback(ip))
    place.refuse(`${ip} belongs to one host, but the accessory runs on ${hosts.join(", ")}: define an accessory for each host`);
}

function routeOf(
  input: z.infer<typeof RoleProxySection>,
  hosts: readonly HostName[],
  containerPort: number | undefined,
  root: RootOfAccessories,
  place: ConfigPath,
): RouteSpec {
  const app_port = input.app_port ?? containerPort;
  const proxy = new RouteConfig({ input: { ...input, ...(app_port === undefined ? {} : { app_port }) }, place });
  const spec = resolveRoute(proxy, root);
  refuseSharedAcme(hosts.map(() => ({ proxy, spec })));
  return spec;
}
