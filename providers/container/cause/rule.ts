import type { Remedy } from "../remedy.ts";
import type { SettingPath, Settings } from "../settings.ts";
import type { Seen } from "./seen.ts";

/** Why a container failed, as far as what was seen of it says so, and what repairs it. */
export interface Cause {
  /** In a few words that follow on what happened. Absent: what happened says it already. */
  readonly what?: string;
  /** Other ways to repair it, line by line. */
  readonly hints?: readonly string[];
  readonly remedy: Remedy;
}

/** What the config says of a container, and where. */
export interface Keys {
  readonly settings: Settings;
  /** The port that its check asks. Absent: it is not asked on one. */
  readonly port?: SettingPath | undefined;
  /** Of its HTTP check. Absent: it has none. */
  readonly path?: SettingPath | undefined;
  readonly host?: SettingPath | undefined;
  readonly env: SettingPath;
  readonly options: SettingPath;
  readonly command: SettingPath;
  /** Its variables with values that are not secret. */
  readonly clear: Readonly<Record<string, string>>;
  /** The names of its secret variables. */
  readonly secret: readonly string[];
  /** The host names of its requests. */
  readonly names: readonly string[];
  /** Where it runs, and as whom commands reach that host: `deploy@203.0.113.10`. */
  readonly login: string;
}

/** Recognizes one cause. Pure. */
export type Rule = (seen: Seen, keys: Keys) => Cause | undefined;
