import type { z } from "zod";
import { parseJson } from "../../core/text.ts";
import { canonical } from "../../core/values.ts";
import { Settings } from "./inputs.ts";

type Json = z.core.util.JSONType;

/** Where Docker reads its settings. */
export const DAEMON_JSON = "/etc/docker/daemon.json";

/** Docker's own list of what a running daemon reads again when told to; the oldest supported one (20.10) knows these. */
const RELOADABLE: ReadonlySet<string> = new Set([
  "authorization-plugins",
  "debug",
  "default-runtime",
  "features",
  "insecure-registries",
  "labels",
  "live-restore",
  "max-concurrent-downloads",
  "max-concurrent-uploads",
  "registry-mirrors",
  "runtimes",
  "shutdown-timeout",
]);

/** Log drivers that know `max-size` and `max-file`. */
const ROTATING: ReadonlySet<Json | undefined> = new Set([undefined, "json-file", "local"]);

/**
 * What a Docker that we install has besides what is declared: logs that cannot fill the disk, and containers that outlive a restart or
 * an upgrade of Docker. `json-file` stays the log driver: it is what log shippers and `docker logs` of every age read.
 */
export function firstSettings(declared: Settings): Settings {
  const logs: Settings = ROTATING.has(declared["log-driver"])
    ? { "log-driver": "json-file", "log-opts": { "max-size": "10m", "max-file": "5" } }
    : {};
  return merged({ ...logs, "live-restore": true }, declared);
}

/** `over` laid over `base`: maps key by key, all else as a whole. Keys that only `base` has stay. */
export function merged(base: Settings, over: Settings): Settings {
  const both = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = base[key];
    both[key] = isMap(below) && isMap(value) ? merged(below, value) : value;
  }
  return both;
}

/** The declared settings that `found` has otherwise, or not at all. */
export const differing = (declared: Settings, found: Settings): Settings =>
  Object.fromEntries(
    Object.entries(declared).filter(([key, value]) => {
      const has = only({ [key]: value }, found);
      return canonical(merged(has, { [key]: value })) !== canonical(has);
    }),
  );

/** Whether Docker takes these over without a restart. */
export const isReloadable = (keys: readonly string[]): boolean => keys.every((key) => RELOADABLE.has(key));

/** The text of a `daemon.json`; `undefined` where it is none. An empty file is one without keys, as Docker takes it. */
export function parseSettings(text: string): Settings | undefined {
  return text.trim() === "" ? {} : Settings.safeParse(parseJson(text)).data;
}

export const settingsText = (settings: Settings): string => `${JSON.stringify(settings, undefined, 2)}\n`;

/** Those of them that are declared. */
export const only = (declared: Settings, found: Settings): Settings =>
  Object.fromEntries(Object.entries(found).filter(([key]) => Object.hasOwn(declared, key)));

const isMap = (value: Json | undefined): value is Settings =>
  value !== null && typeof value === "object" && !Array.isArray(value);
