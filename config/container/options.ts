import { z } from "zod";
import type { ContainerOptions } from "../../core/container/options.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Bytes } from "../../core/words.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import type { Absent } from "../schema/unknown-key.ts";
import { resolveCommand } from "./command.ts";
import { resolvePublish } from "./host-port.ts";
import { asText, scalar, textOf } from "./label.ts";
import { type NetworkRules, resolveNetworkAliases, resolveNetworks } from "./network.ts";
import {
  resolveAddHost,
  resolveDevice,
  resolveDns,
  resolveRestart,
  resolveSecurityOpt,
  resolveTmpfs,
  resolveUlimits,
} from "./option-text.ts";

const size = z.union([z.string(), z.number().int().min(1)]);
const texts = z.union([z.string(), z.array(z.string())]);
/** A user or group, by name or number. */
const named = z.union([z.string().min(1), z.number(), z.boolean()]);

const OPTIONS = {
  memory: field(size, {
    is: "Memory limit, in bytes or with k, m or g. The kernel kills a container that exceeds it.",
    otherwise: "no limit",
    refused: "less than 6m",
    example: "512m",
  }),
  memory_swap: field(z.union([z.string(), z.int().min(-1)]), {
    is: "Limit of memory and swap together, in bytes or with k, m or g. The same value as memory means no swap; -1 is no limit.",
    otherwise: "twice the memory, as in Docker",
    refused: "without memory; less than memory",
    example: "512m",
  }),
  memory_reservation: field(size, {
    is: "Memory that the container is reduced to when the host runs short, in bytes or with k, m or g.",
    otherwise: "none",
    refused: "more than memory",
    example: "256m",
  }),
  cpus: field(z.number().min(0.01), {
    is: "How many processors it may use.",
    otherwise: "no limit",
    refused: "less than 0.01",
    example: 1.5,
  }),
  cpu_shares: field(z.int().min(2).max(262_144), {
    is: "Its share of the processors when all are busy.",
    otherwise: "1024, as in Docker",
    example: 512,
  }),
  pids_limit: field(z.int().min(-1), {
    is: "Limit of processes and threads; -1 is no limit.",
    otherwise: "the Docker daemon's",
    refused: "0",
    example: 500,
  }),
  oom_score_adj: field(z.int().min(-1000).max(1000), {
    is: "How likely the kernel kills it when the host runs out of memory: from -1000, never, to 1000, first.",
    otherwise: "0, as in Docker",
    example: 500,
  }),
  shm_size: field(size, { is: "Size of /dev/shm, in bytes or with k, m or g.", otherwise: "64m, as in Docker", example: "256m" }),
  ulimit: field(texts, {
    is: "Resource limits, `name=soft[:hard]`.",
    default: [],
    refused: "a soft limit above the hard one",
    example: ["nofile=65536:65536"],
  }),
  restart: field(z.string({ error: 'should be text; to disable restarts write "no"' }), {
    is: 'When Docker restarts it: "no", always, unless-stopped, on-failure or on-failure:N. Applies once it is healthy.',
    default: "unless-stopped",
    example: "on-failure:5",
  }),
  publish: field(texts, {
    is: "Host ports that lead directly into the container, `[ip:]hostPort:containerPort[/tcp|udp]`. Without an address a port listens on 127.0.0.1 only, unlike in Docker, where it listens on all addresses; to make it public, prefix it with `0.0.0.0:`. The old container of such a role stops before the new one starts.",
    default: [],
    refused: "ranges; a port that another role or the proxy uses on the same host",
    example: ["5353:53/udp", "0.0.0.0:25:2525"],
  }),
  add_host: field(texts, { is: "Lines for /etc/hosts, `name:address`.", default: [], example: ["db:10.0.0.5"] }),
  dns: field(texts, {
    is: "IP addresses of DNS servers.",
    otherwise: "the host's",
    refused: "anything but IP addresses",
    example: ["10.0.0.2"],
  }),
  devices: field(texts, {
    is: "Devices of the host, `path[:path in the container][:rwm]`.",
    default: [],
    refused: "a path that is not absolute",
    example: ["/dev/ttyUSB0"],
  }),
  gpus: field(z.union([z.literal("all", { error: "should be all, or a number" }), z.int().min(1)]), {
    is: "How many GPUs it may use, or all.",
    otherwise: "none",
    example: "all",
  }),
  tmpfs: field(texts, {
    is: "In-memory file systems, `path` or `path:options`.",
    default: [],
    refused: "a path that is not absolute, or is already mounted",
    example: ["/tmp:size=64m"],
  }),
  read_only: field(z.boolean(), { is: "Whether its file system is read-only.", default: false, example: true }),
  cap_add: field(z.array(z.string().min(1)), { is: "Linux capabilities to add.", default: [], example: ["NET_ADMIN"] }),
  cap_drop: field(z.array(z.string().min(1)), { is: "Linux capabilities to drop.", default: [], example: ["ALL"] }),
  privileged: field(z.boolean(), {
    is: "Whether it gets all rights of root on the host. A compromised container then compromises the host.",
    default: false,
    example: true,
  }),
  security_opt: field(texts, {
    is: "Docker's security options. For seccomp: `unconfined`, `builtin`, or the profile itself as JSON.",
    default: [],
    refused: "the file name of a seccomp profile",
    example: ["no-new-privileges"],
  }),
  sysctls: field(z.record(z.string(), scalar), {
    is: "Kernel parameters of its namespaces.",
    default: {},
    example: { "net.core.somaxconn": 1024 },
  }),
  ipc: field(z.enum(["none", "private", "shareable", "host"]), {
    is: "IPC mode: with whom it shares memory.",
    otherwise: "the Docker daemon's",
    example: "host",
  }),
  pid: field(z.literal("host"), {
    is: "`host` lets it see all processes of the host.",
    otherwise: "only its own",
    example: "host",
  }),
  init: field(z.boolean(), {
    is: "Whether Docker's init process runs first, which reaps zombie processes and forwards signals.",
    otherwise: "the Docker daemon's",
    example: true,
  }),
  stop_signal: field(z.string().regex(/^(SIG)?[A-Z]+[0-9]*([+-][0-9]+)?$/, { error: "is not a signal: write SIGTERM" }), {
    is: "The signal that stops it. A proxied container has drained before.",
    otherwise: "the image's, else SIGTERM",
    example: "SIGQUIT",
  }),
  entrypoint: field(z.union([z.string(), z.array(z.string()).min(1)]), {
    is: "Replaces the image's entrypoint. As in Docker, this drops the image's command too: set cmd.",
    otherwise: "the image's",
    refused: "unquoted shell operators, comments and line breaks",
    example: "/usr/bin/tini --",
  }),
  user: field(named, {
    is: "User in the container, `name`, `uid` or `uid:gid`.",
    otherwise: "the image's",
    example: "1000:1000",
  }),
  group_add: field(z.array(named), {
    is: "Additional groups of the user, by name or number.",
    default: [],
    example: ["audio", 1001],
  }),
  no_healthcheck: field(z.boolean(), {
    is: "Switches the image's HEALTHCHECK off. Without one, and without a health check of Slipway, a container is ready when it has stayed up for readiness_delay.",
    default: false,
    example: true,
  }),
  hostname: field(z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/i, { error: "is not a host name" }), {
    is: "The host name that it sees itself as. The old and the new container of a release have the same.",
    otherwise: "Docker's short id of the container",
    example: "worker.example.com",
  }),
  network: field(texts, {
    is: "Docker networks of the host in which it is besides, to reach containers of others there; they have to exist. `host`: it has the network of the host, and no other; of a role, the old container stops before the new one starts.",
    otherwise: "none; the app is in kamal",
    refused:
      "none, bridge, default and container:…; host of a role that is proxied, has replicas or a network_alias, or publishes ports, and of an accessory",
    example: ["monitoring"],
  }),
  network_alias: field(texts, {
    is: "Names by which others find it in each of its Docker networks. While a release is replaced, they lead to the old and to the new container, which may not be ready yet.",
    otherwise: "none; an accessory is found by the name of its container",
    refused: "what is not a host name",
    example: ["search"],
  }),
  userns: field(z.literal("host", { error: "should be host" }), {
    is: "`host`: its users are those of the host, where the Docker daemon maps them to others (userns-remap).",
    otherwise: "as the Docker daemon has it",
    example: "host",
  }),
  runtime: field(z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, { error: "is not the name of a runtime" }), {
    is: "The runtime that Docker starts it with; it has to be installed and named in slipway:docker.settings.runtimes.",
    otherwise: "the Docker daemon's default",
    example: "nvidia",
  }),
  workdir: field(z.string().startsWith("/", { error: "should be an absolute path" }), {
    is: "Working directory.",
    otherwise: "the image's",
    example: "/app",
  }),
};

const writeItAs = (right: string) => `write it as ${right}`;

const ENV_FILE =
  "not supported: a change of a file on the host would be in no plan. Write its variables under env, and what is secret under env.secret";

const ABSENT: Absent = {
  name: "set by Slipway",
  label: "write it under labels",
  env: "write it under env",
  volume: "write it under volumes",
  device: writeItAs("devices"),
  sysctl: writeItAs("sysctls"),
  ulimits: writeItAs("ulimit"),
  env_file: ENV_FILE,
  "env-file": ENV_FILE,
  log_driver: "write logging.driver",
  "log-driver": "write logging.driver",
  log_opt: "write it under logging.options",
  "log-opt": "write it under logging.options",
  platform: "not supported: an image for the CPU of the host is needed; slipway:builder.arch says for which ones it is built",
  link: "not needed: containers of one network find each other by name; for another name, write network_alias where that container is declared",
  expose: "not needed: containers of one network reach every port",
  mount: "write it under volumes, or options.tmpfs",
  ...Object.fromEntries(
    Object.keys(OPTIONS)
      .filter((key) => key.includes("_"))
      .map((key) => [key.replaceAll("_", "-"), writeItAs(key)]),
  ),
};

export const OptionsSection = section(OPTIONS, ABSENT);
type OptionsInput = z.infer<typeof OptionsSection>;

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
const LEAST_MEMORY = 6 * 2 ** 20;

/** `"512m"` → bytes, as Docker reads it. */
export function bytesOf(text: string | number): Bytes | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(String(text)) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.floor(Number(amount) * factor);
}

export function resolveOptions(input: OptionsInput = {}, place: ConfigPath, rules: NetworkRules = {}): ContainerOptions {
  if (input.pids_limit === 0) place.at("pids_limit").refuse("should be -1 or at least 1");
  return {
    restart: resolveRestart(input.restart, place.at("restart")),
    capAdd: input.cap_add ?? [],
    capDrop: input.cap_drop ?? [],
    readOnly: input.read_only ?? false,
    tmpfs: resolveTmpfs(listOf(input.tmpfs) ?? [], place.at("tmpfs")),
    addHost: resolveAddHost(listOf(input.add_host) ?? [], place.at("add_host")),
    ulimits: resolveUlimits(listOf(input.ulimit) ?? [], place.at("ulimit")),
    ...resolveMemory(input, place),
    ...omitUndefined({
      cpus: input.cpus,
      cpuShares: input.cpu_shares,
      pidsLimit: input.pids_limit,
      oomScoreAdj: input.oom_score_adj,
      shmSize: resolveSize(input.shm_size, place.at("shm_size")),
      publish: resolvePublish(listOf(input.publish), place.at("publish")),
      devices: listOf(input.devices)?.map((text) => resolveDevice(text, place.at("devices"))),
      gpus: input.gpus,
      privileged: input.privileged,
      securityOpt: resolveSecurityOpt(listOf(input.security_opt), place.at("security_opt")),
      sysctls: input.sysctls && asText(input.sysctls, place.at("sysctls")),
      ipc: input.ipc,
      pid: input.pid,
      dns: resolveDns(listOf(input.dns), place.at("dns")),
      init: input.init,
      stopSignal: input.stop_signal,
      entrypoint: resolveCommand(input.entrypoint, place.at("entrypoint")),
      user: input.user === undefined ? undefined : textOf(input.user, place.at("user")),
      noHealthcheck: input.no_healthcheck || undefined,
      groupAdd: input.group_add?.map((group, at) => textOf(group, place.at("group_add", at))),
      workdir: input.workdir,
      hostname: input.hostname,
      ...resolveNetworks(listOf(input.network), rules, place.at("network")),
      networkAliases: resolveNetworkAliases(listOf(input.network_alias), place.at("network_alias")),
      userns: input.userns,
      runtime: input.runtime,
    }),
  };
}

const listOf = (value: string | string[] | undefined): string[] | undefined => (value === undefined ? undefined : [value].flat());

function resolveSize(text: string | number | undefined, place: ConfigPath): Bytes | undefined {
  const value = text === undefined ? undefined : bytesOf(text);
  if (text === undefined) return undefined;
  if (value === undefined) place.refuse(`${quoted(String(text))} is not a size: write 512m or 2g`);
  // Docker takes 0 for its own default.
  else if (value === 0) place.refuse(`${quoted(String(text))} is less than a byte: write 512m or 2g`);
  else if (!Number.isSafeInteger(value)) place.refuse(`${quoted(String(text))} is too large`);
  return value;
}

function resolveMemory(
  input: OptionsInput,
  place: ConfigPath,
): Pick<ContainerOptions, "memory" | "memorySwap" | "memoryReservation"> {
  const memory = resolveSize(input.memory, place.at("memory"));
  const unlimited = String(input.memory_swap) === "-1";
  const memorySwap = unlimited ? -1 : resolveSize(input.memory_swap, place.at("memory_swap"));
  const memoryReservation = resolveSize(input.memory_reservation, place.at("memory_reservation"));
  if (memory !== undefined && memory < LEAST_MEMORY) place.at("memory").refuse("should be at least 6m: Docker refuses less");
  if (input.memory_swap !== undefined && input.memory === undefined) place.at("memory_swap").refuse("needs memory");
  if (!unlimited && (memorySwap ?? 0) < (memory ?? 0) && memorySwap !== undefined)
    place.at("memory_swap").refuse("should be at least memory: it counts memory and swap together");
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory)
    place.at("memory_reservation").refuse("should be at most memory");
  return omitUndefined({ memory, memorySwap, memoryReservation });
}
