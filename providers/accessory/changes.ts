import { canonical } from "../../core/values.ts";
import type { AccessoryInputs } from "./inputs.ts";

type Texts = Readonly<Record<string, string>>;

/** Why a container is replaced: `image postgres:16.3 → postgres:16.4`, `env ~SHARED`. Never a value of the environment. */
export function reasonsOf(was: AccessoryInputs, now: AccessoryInputs): string[] {
  return [
    ...(was.image === now.image ? [] : [`image ${was.image} → ${now.image}`]),
    ...part("env", [...diff(was.env, now.env), ...diff(secretsOf(was), secretsOf(now)).map((name) => `secret ${name}`)]),
    ...part("files", diff(filesOf(was), filesOf(now))),
    ...part("options", diff(eachOf(was.options), eachOf(now.options)).filter(isFixed)),
    ...OTHERS.filter((key) => canonical(was[key]) !== canonical(now[key])).map((key) => WORDS[key]),
  ];
}

const OTHERS = ["command", "publish", "directories", "mounts", "labels", "network", "logging"] as const;
const WORDS: Readonly<Record<(typeof OTHERS)[number], string>> = {
  command: "command",
  publish: "port",
  directories: "directories",
  mounts: "volumes",
  labels: "labels",
  network: "network",
  logging: "logging",
};

/** Changed parts of the declaration that do not affect the container itself. */
export function aroundOf(was: AccessoryInputs, now: AccessoryInputs): string[] {
  return AROUND.filter((key) => canonical(was[key]) !== canonical(now[key])).map((key) => AROUND_WORDS[key]);
}

const AROUND = ["ready", "stopTimeout", "bootTimeout", "data", "registry", "containerPort"] as const;
const AROUND_WORDS: Readonly<Record<(typeof AROUND)[number], string>> = {
  ready: "healthcheck",
  stopTimeout: "stop_timeout",
  bootTimeout: "boot_timeout",
  data: "data",
  registry: "registry",
  containerPort: "port",
};

const part = (what: string, changes: readonly string[]): string[] =>
  changes.length === 0 ? [] : [`${what} ${changes.join(" ")}`];

/** `+NEW -OLD ~CHANGED` */
function diff(was: Texts, now: Texts): string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    if (was[name] === now[name]) return [];
    return [`${was[name] === undefined ? "+" : now[name] === undefined ? "-" : "~"}${name}`];
  });
}

const secretsOf = ({ secretEnv, secrets }: AccessoryInputs): Texts =>
  Object.fromEntries(Object.entries(secretEnv).map(([name, source]) => [name, secrets[source] ?? ""]));

const filesOf = ({ files }: AccessoryInputs): Texts =>
  Object.fromEntries(files.map(({ path, ...file }) => [path, canonical(file)]));

const eachOf = (values: object): Texts =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, canonical(value)]])));

/** Changes of a running container's limits are reported by their own operation. */
const isFixed = (change: string): boolean => !["memory", "cpus", "restart"].includes(change.slice(1));
