import { canonical } from "../../core/values.ts";
import type { ConfigValue, StackValues } from "../stack/config-values.ts";

/** One value of a stack's config that has to be written, or taken out. */
export interface Change {
  /** `["slipway:secrets", "TOKEN"]` */
  readonly path: readonly string[];
  /** Absent: it goes. */
  readonly to?: unknown;
  readonly secret: boolean;
  readonly sign: "+" | "-" | "~";
}

/**
 * What is not the app's. How this operator gets in and pulls: an old key or token would lock them out. Databases beside the app: an old
 * image or setting would stop them, and one that was added since would go.
 */
export const STAY: ReadonlySet<string> = new Set([
  ...["slipway:ssh", "slipway:registry"],
  ...["slipway:accessories", "slipway:schedule"],
]);

/**
 * What turns the config that stands into the one of an earlier release. Only keys of ours, and no value that is equal is touched.
 *
 * @param written the stack's file, whose secrets are sealed: it says what is kept as a secret today
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

/** What people write without quotes; `1.10` is none of it, since YAML would make 1.1 of it. */
const scalar = (text: string): unknown =>
  /^(?:true|false|0|-?[1-9]\d{0,14})$/.test(text) ? (JSON.parse(text) as unknown) : text;

function differences(path: readonly string[], to: unknown, from: unknown, written: unknown, secret: boolean): Change[] {
  if (from !== undefined && to !== undefined && canonical(from) === canonical(to)) return [];
  if (to === undefined) return from === undefined ? [] : [{ path, secret: isSealed(written), sign: "-" }];
  if (isMap(to) && (isMap(from) || (from === undefined && secret))) {
    const known = isMap(from) ? from : {};
    const inFile = isMap(written) ? written : {};
    const names = [...new Set([...Object.keys(to), ...Object.keys(known)])].sort();
    return names.flatMap((name) => differences([...path, name], to[name], known[name], inFile[name], secret));
  }
  // Whether a part of an earlier secret was one itself is not recorded: a text that is not written in the clear today is kept as one.
  const hidden = secret && typeof to === "string" && (written === undefined || isSealed(written));
  return [{ path, to, secret: hidden, sign: from === undefined ? "+" : "~" }];
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSealed = (value: unknown): boolean => isMap(value) && "secure" in value;

/** `~slipway:image, secret ~slipway:secrets.TOKEN`; never a value. */
export const describeChanges = (changes: readonly Change[]): string =>
  changes.map(({ path, secret, sign }) => `${secret ? "secret " : ""}${sign}${path.join(".")}`).join(", ");
