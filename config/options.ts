import { z } from "zod";
import type { Bytes } from "../core/words.ts";
import { asText, scalar } from "./label.ts";
import { isIP, quoted } from "./name.ts";
import type { Place } from "./problem.ts";
import { type Absent, field, later, section } from "./section.ts";

/** When Docker starts a container again by itself. */
export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  readonly maximumRetryCount?: number;
}

/** Limits and rights of a role's containers. */
export interface ContainerOptions {
  readonly memory?: Bytes;
  /** Processors, as many as may be used at once: 0.5 is half of one. */
  readonly cpus?: number;
  readonly restart: RestartPolicy;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly readOnly: boolean;
  /** Path → mount options. */
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workdir?: string;
  readonly shmSize?: Bytes;
  /** `name:address` lines for /etc/hosts. */
  readonly addHost: readonly string[];
  readonly ulimits: readonly Ulimit[];
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

const size = z.union([z.string(), z.number().int().min(1)]);
const texts = z.union([z.string(), z.array(z.string())]);
const ONE_SPELLING = (right: string) => `write it as ${right}`;

const ABSENT: Absent = {
  publish: "a role with host ports is not supported yet",
  hostname: "set by Slipway: the name of the container's host",
  name: "set by Slipway",
  label: "write it under labels",
  env: "write it under env",
  volume: "write it under slipway:volumes",
  ...later(
    "network",
    "gpus",
    "device",
    "privileged",
    "sysctl",
    "init",
    "pid",
    "ipc",
    "entrypoint",
    "dns",
    "security-opt",
    "memory-swap",
  ),
  "cap-add": ONE_SPELLING("cap_add"),
  "cap-drop": ONE_SPELLING("cap_drop"),
  "read-only": ONE_SPELLING("read_only"),
  "shm-size": ONE_SPELLING("shm_size"),
  "add-host": ONE_SPELLING("add_host"),
};

export const OptionsSection = section(
  {
    memory: field(size, {
      is: "The most memory a container may use, in bytes or with k, m or g; above it the kernel kills it.",
      otherwise: "no limit",
      refused: "less than 6m",
      example: "512m",
    }),
    cpus: field(z.number().positive(), { is: "How many processors it may keep busy.", otherwise: "no limit", example: 1.5 }),
    restart: field(z.string({ error: 'should be text; to disable restarts write "no"' }), {
      is: 'When Docker starts it again: "no", always, unless-stopped, on-failure or on-failure:N. Off until it is healthy.',
      default: "unless-stopped",
      example: "on-failure:5",
    }),
    cap_add: field(z.array(z.string().min(1)), { is: "Linux capabilities given.", default: [], example: ["NET_ADMIN"] }),
    cap_drop: field(z.array(z.string().min(1)), { is: "Linux capabilities taken.", default: [], example: ["ALL"] }),
    read_only: field(z.boolean(), { is: "Whether its file system cannot be written.", default: false, example: true }),
    tmpfs: field(texts, {
      is: "Folders in memory, `path` or `path:options`.",
      default: [],
      refused: "a path that is not absolute",
      example: ["/tmp:size=64m"],
    }),
    user: field(scalar, {
      is: "User in the container, `name`, `uid` or `uid:gid`.",
      otherwise: "the image's",
      example: "1000:1000",
    }),
    workdir: field(z.string().startsWith("/", { error: "should be an absolute path" }), {
      is: "Working folder.",
      otherwise: "the image's",
      example: "/app",
    }),
    shm_size: field(size, { is: "Size of /dev/shm, in bytes or with k, m or g.", otherwise: "64m, Docker's", example: "256m" }),
    add_host: field(texts, { is: "Lines for /etc/hosts, `name:address`.", default: [], example: ["db:10.0.0.5"] }),
    ulimit: field(texts, { is: "Resource limits, `name=soft[:hard]`.", default: [], example: ["nofile=65536:65536"] }),
  },
  ABSENT,
);
type OptionsInput = z.infer<typeof OptionsSection>;

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
const LEAST_MEMORY = 6 * 2 ** 20;

/** `"512m"` → bytes, as Docker reads it. */
export function bytesOf(text: string | number): Bytes | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(String(text)) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.floor(Number(amount) * factor);
}

export function resolveOptions(input: OptionsInput = {}, place: Place): ContainerOptions {
  const bytes = (text: string | number | undefined, at: Place) => {
    const value = text === undefined ? undefined : bytesOf(text);
    if (text !== undefined && value === undefined) at.refuse(`${quoted(String(text))} is not a size: write 512m or 2g`);
    return value;
  };
  const memory = bytes(input.memory, place.at("memory"));
  if (memory !== undefined && memory < LEAST_MEMORY) place.at("memory").refuse("should be at least 6m: Docker refuses less");
  const shmSize = bytes(input.shm_size, place.at("shm_size"));
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(input.cpus === undefined ? {} : { cpus: input.cpus }),
    restart: resolveRestart(input.restart, place.at("restart")),
    capAdd: input.cap_add ?? [],
    capDrop: input.cap_drop ?? [],
    readOnly: input.read_only ?? false,
    tmpfs: resolveTmpfs(listOf(input.tmpfs), place.at("tmpfs")),
    ...(input.user === undefined ? {} : asText({ user: input.user })),
    ...(input.workdir === undefined ? {} : { workdir: input.workdir }),
    ...(shmSize === undefined ? {} : { shmSize }),
    addHost: resolveAddHost(listOf(input.add_host), place.at("add_host")),
    ulimits: listOf(input.ulimit).map((text) => resolveUlimit(text, place.at("ulimit"))),
  };
}

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

function resolveRestart(text = "unless-stopped", place: Place): RestartPolicy {
  const [, name, retries] = /^(no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text) ?? [];
  if (name === undefined || (retries !== undefined && name !== "on-failure")) {
    place.refuse("should be no, always, unless-stopped, on-failure or on-failure:N");
    return { name: "unless-stopped" };
  }
  return { name: name as RestartPolicy["name"], ...(retries === undefined ? {} : { maximumRetryCount: Number(retries) }) };
}

function resolveTmpfs(texts: readonly string[], place: Place): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [path = "", options = ""] = text.split(":", 2);
      if (!path.startsWith("/")) place.refuse(`${quoted(path)} should be an absolute path`);
      return [path, options];
    }),
  );
}

function resolveAddHost(texts: readonly string[], place: Place): readonly string[] {
  for (const text of texts) {
    const address = text.slice(text.indexOf(":") + 1);
    if (!/^[^\s:]+:/.test(text) || (isIP(address) === 0 && address !== "host-gateway"))
      place.refuse(`${quoted(text)} is not name:address`);
  }
  return texts;
}

function resolveUlimit(text: string, place: Place): Ulimit {
  const [, name, soft, hard = soft] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (name === undefined) place.refuse(`${quoted(text)} is not name=soft or name=soft:hard`);
  return { name: name ?? "", soft: Number(soft), hard: Number(hard) };
}
