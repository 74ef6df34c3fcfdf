/** Marks in the engine's values (https://github.com/pulumi/pulumi, sdk/go/common/resource). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** Placeholder of a value that is unknown before the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Properties of a resource, in Pulumi's spelling. */
export type Props = Readonly<Record<string, unknown>>;

/** Properties without marks, and the keys of secrets. */
export interface Opened {
  readonly props: Props;
  readonly secret: ReadonlySet<string>;
}

export function opened(wire: Props): Opened {
  const secret = Object.keys(wire).filter((key) => hasSecret(wire[key]));
  return { props: plain(wire) as Props, secret: new Set(secret) };
}

/** Values in the engine's form: secrets marked, nothing undefined. */
export function closed(props: Props, secret: ReadonlySet<string>): Record<string, never> {
  const entries = Object.entries(defined(props) as Props);
  // The engine's Struct can hold JSON, and `props` is JSON.
  return Object.fromEntries(
    entries.map(([key, value]) => [key, secret.has(key) ? { [SIGNATURE]: SECRET, value } : value]),
  ) as Record<string, never>;
}

function defined(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(defined);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, defined(inner)]));
}

/** Whether a value, or anything in it, is unknown. */
export function isUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}

const isMarked = (value: object): value is { value: unknown } => (value as Props)[SIGNATURE] === SECRET;

function hasSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isMarked(value) || Object.values(value).some(hasSecret);
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isMarked(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
