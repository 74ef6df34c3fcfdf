import { canonical, isMap } from "../../core/values.ts";
import type { ConfigValue, StackValues } from "../../project/config-values.ts";

/** One value of a stack's config to set or remove. */
export interface Change {
  /** `["slipway:secrets", "TOKEN"]` */
  readonly path: readonly string[];
  /** Absent if it is removed. */
  readonly to?: unknown;
  readonly secret: boolean;
  readonly sign: "+" | "-" | "~";
}

/**
 * Keys that a rollback does not change. Access to hosts, registry and stores of secrets: an old key or token would lock the operator out.
 * Accessories: an old image or setting would stop a database, and one that was added since would be removed. Aliases are no part of a release.
 */
export const STAY: ReadonlySet<string> = new Set([
  ...["slipway:ssh", "slipway:registry", "slipway:secrets_from", "slipway:aliases", "slipway:notify"],
  ...["slipway:accessories", "slipway:schedule"],
]);

/**
 * The changes that turn the current config into that of an earlier release. Only Slipway's keys, and only values that differ.
 *
 * @param written the stack's file, secrets encrypted: it shows which values are secrets now
 */
export function changesTo(earlier: StackValues, now: StackValues, written: Readonly<Record<string, unknown>>): Change[] {
  const keys = [...new Set([...Object.keys(earlier), ...Object.keys(now)])].sort();
  return keys
    .filter((key) => key.startsWith("slipway:") && !STAY.has(key))
    .flatMap((key) => {
      const secret = (earlier[key]?.secret ?? false) || (now[key]?.secret ?? false);
      return differences([key], plain(earlier[key]), plain(now[key]), written[key], secret);
    });
}

const plain = (value: ConfigValue | undefined): unknown => value && (value.objectValue ?? scalar(value.value ?? ""));

/** Values that are written without quotes; not `1.10`, which YAML reads as 1.1. */
const scalar = (text: string): unknown =>
  /^(?:true|false|0|-?[1-9]\d{0,14})$/.test(text) ? (JSON.parse(text) as unknown) : text;

function differences(path: readonly string[], to: unknown, from: unknown, written: unknown, secret: boolean): Change[] {
  if (from !== undefined && to !== undefined && canonical(from) === canonical(to)) return [];
  if (to === undefined) return from === undefined ? [] : [{ path, secret: isSealed(written), sign: "-" }];
  // Below a secret, each value decides for itself whether it is one.
  if (isMap(to) && Object.keys(to).length > 0 && secret && from !== undefined && !isMap(from))
    return [{ path, secret: isSealed(written), sign: "-" }, ...differences(path, to, undefined, undefined, secret)];
  if (isMap(to) && (isMap(from) || (from === undefined && secret))) {
    const known = isMap(from) ? from : {};
    const inFile = isMap(written) ? written : {};
    const names = [...new Set([...Object.keys(to), ...Object.keys(known)])].sort();
    return names.flatMap((name) => differences([...path, name], to[name], known[name], inFile[name], secret));
  }
  // Pulumi does not record which part of an earlier secret was secret: what is not in plain text now stays a secret.
  const hidden = secret && hasText(to) && (written === undefined || hasSealed(written));
  return [{ path, to, secret: hidden, sign: from === undefined ? "+" : "~" }];
}

const hasText = (value: unknown): boolean => typeof value === "string" || (Array.isArray(value) && value.some(hasText));

const hasSealed = (value: unknown): boolean => isSealed(value) || (Array.isArray(value) && value.some(hasSealed));

const isSealed = (value: unknown): boolean => isMap(value) && "secure" in value;

/** The keys at which Pulumi reads something else than it should, after a file was changed. */
export const misread = (wanted: StackValues, read: StackValues): string[] =>
  [...new Set([...Object.keys(wanted), ...Object.keys(read)])]
    .sort()
    .filter((key) => canonical(plain(wanted[key])) !== canonical(plain(read[key])));

/** `~slipway:image, secret ~slipway:secrets.TOKEN`; never a value. */
export const describeChanges = (changes: readonly Change[]): string =>
  changes.map(({ path, secret, sign }) => `${secret ? "secret " : ""}${sign}${path.join(".")}`).join(", ");
