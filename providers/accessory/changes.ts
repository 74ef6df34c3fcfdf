import type { AccessoryFile } from "../../core/accessory/file.ts";
import { canonical } from "../../core/values.ts";
import type { AccessoryInputs } from "./inputs.ts";

type Texts = Readonly<Record<string, string>>;

/** Why a container is replaced: `image postgres:16.3 → postgres:16.4`, `env ~SHARED`. Never a value of the environment. */
export function reasonsOf(was: AccessoryInputs, now: AccessoryInputs): string[] {
  return [
    ...(was.image === now.image ? [] : [`image ${was.image} → ${now.image}`]),
    ...part("env", [...diff(was.env, now.env), ...diff(secretsOf(was), secretsOf(now)).map((name) => `secret ${name}`)]),
    ...part("files", filesChanged(was, now)),
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

const AROUND = ["ready", "stopTimeout", "bootTimeout", "data", "registry", "containerPort", "fileFingerprints"] as const;
const AROUND_WORDS: Readonly<Record<(typeof AROUND)[number], string>> = {
  ready: "healthcheck",
  stopTimeout: "stop_timeout",
  bootTimeout: "boot_timeout",
  data: "data",
  registry: "registry",
  containerPort: "port",
  fileFingerprints: "contents of files become secret in the state",
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

/** `~/etc/redis/users.acl (content 9f310000 → 04bd0000, mode 0644 → 0600)`: what a file may be known by, never its content. */
function filesChanged(was: AccessoryInputs, now: AccessoryInputs): string[] {
  const changes = diff(filesOf(was), filesOf(now));
  return changes.map((change) =>
    change.startsWith("~") ? `${change} (${changesOf(change.slice(1), was, now).join(", ")})` : change,
  );
}

function changesOf(path: string, was: AccessoryInputs, now: AccessoryInputs): string[] {
  const [before, after] = [was, now].map(({ files }) => files.find((file) => file.path === path));
  if (before === undefined || after === undefined) return [];
  const hashes = [was, now].map(({ fileFingerprints }) => shortHash(fileFingerprints?.[path]));
  const isShown = hashes.every((hash) => hash !== undefined);
  return [
    ...(contentOf(before) === contentOf(after) ? [] : [isShown ? `content ${hashes.join(" → ")}` : "content"]),
    ...(before.mode === after.mode ? [] : [`mode ${modeText(before)} → ${modeText(after)}`]),
    ...(before.owner === after.owner ? [] : [`owner ${before.owner ?? "root"} → ${after.owner ?? "root"}`]),
    ...(before.template === after.template ? [] : [after.template ? "now a template" : "no template any more"]),
  ];
}

const SHORT = 8;

/** A preview says of an unknown one that it is unknown. */
const shortHash = (hash: string | undefined): string | undefined =>
  hash !== undefined && /^[0-9a-f]+$/.test(hash) ? hash.slice(0, SHORT) : hash;

const contentOf = ({ content, encoding }: AccessoryFile): string => `${encoding}:${content}`;
const modeText = ({ mode }: AccessoryFile): string => `0${mode.toString(8)}`;

const filesOf = ({ files }: AccessoryInputs): Texts =>
  Object.fromEntries(files.map(({ path, ...file }) => [path, canonical(file)]));

const eachOf = (values: object): Texts =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, canonical(value)]])));

/** Changes of a running container's limits are reported by their own operation. */
const isFixed = (change: string): boolean => !["memory", "cpus", "restart"].includes(change.slice(1));
