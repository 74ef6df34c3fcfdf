import { parseJson } from "../../core/text.ts";
import { canonical, type Json } from "../../core/values.ts";
import { Settings } from "./inputs.ts";

/** Where Docker reads its settings. */
export const DAEMON_JSON = "/etc/docker/daemon.json";

/** Docker's own list of what a reload applies; the oldest supported version (20.10) knows all of these. */
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

/** Log drivers with `max-size` and `max-file`. */
const ROTATING: ReadonlySet<Json | undefined> = new Set([undefined, "json-file", "local"]);

/**
 * Defaults for a Docker that Slipway installs: logs that cannot fill the disk, and containers that survive a restart or an upgrade of
 * Docker. The log driver stays `json-file`, which log shippers and every version of `docker logs` can read.
 */
export function firstSettings(declared: Settings): Settings {
  const logs: Settings = ROTATING.has(declared["log-driver"])
    ? { "log-driver": "json-file", "log-opts": { "max-size": "10m", "max-file": "5" } }
    : {};
  return merged({ ...logs, "live-restore": true }, declared);
}

/** `over` merged into `base`: maps key by key, other values replaced. Keys that only `base` has stay. */
export function merged(base: Settings, over: Settings): Settings {
  const both = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = base[key];
    both[key] = isMap(below) && isMap(value) ? merged(below, value) : value;
  }
  return both;
}

/** The declared settings that `found` lacks or has with another value. */
export const differing = (declared: Settings, found: Settings): Settings =>
  Object.fromEntries(
    Object.entries(declared).filter(([key, value]) => {
      const has = only({ [key]: value }, found);
      return canonical(merged(has, { [key]: value })) !== canonical(has);
    }),
  );

/** Which store a declaration of Docker's settings asks for; `undefined` where it leaves that to Docker. */
export function wantedStore({ features }: Settings): "containerd" | "layers" | undefined {
  const wanted = isMap(features) ? features["containerd-snapshotter"] : undefined;
  return typeof wanted !== "boolean" ? undefined : wanted ? "containerd" : "layers";
}

/** What the running Docker says of itself. */
export interface InForce {
  readonly liveRestore: boolean;
  readonly store: "containerd" | "layers";
}

/** Whether a declaration has keys that the running Docker can be asked about. */
export const isAskable = (declared: Settings): boolean =>
  declared["live-restore"] !== undefined || wantedStore(declared) !== undefined;

/** The declared keys that the running Docker does not follow, whatever its file says. */
export function notInForce(declared: Settings, now: InForce): string[] {
  const liveRestore = declared["live-restore"];
  const store = wantedStore(declared);
  return [
    ...(typeof liveRestore === "boolean" && liveRestore !== now.liveRestore ? ["live-restore"] : []),
    ...(store !== undefined && store !== now.store ? ["features"] : []),
  ];
}

/** Whether Docker applies these without a restart, unless they replace its store: see `wantedStore`. */
export const isReloadable = (keys: readonly string[]): boolean => keys.every((key) => RELOADABLE.has(key));

/** Parses a `daemon.json`; `undefined` if it is not a JSON object. An empty file has no keys, as for Docker. */
export function parseSettings(text: string): Settings | undefined {
  return text.trim() === "" ? {} : Settings.safeParse(parseJson(text)).data;
}

export const settingsText = (settings: Settings): string => `${JSON.stringify(settings, undefined, 2)}\n`;

/** The declared ones among the found keys. */
export const only = (declared: Settings, found: Settings): Settings =>
  Object.fromEntries(Object.entries(found).filter(([key]) => Object.hasOwn(declared, key)));

const isMap = (value: Json | undefined): value is Settings =>
  value !== null && typeof value === "object" && !Array.isArray(value);
