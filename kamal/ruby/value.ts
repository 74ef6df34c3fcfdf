/** Where a value that Ruby computes comes from. */
export type Origin =
  /** A variable of the environment that is set. */
  | { readonly kind: "env"; readonly name: string }
  /** A variable of the environment that is not set. */
  | { readonly kind: "unset"; readonly name: string }
  | { readonly kind: "git"; readonly command: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "missing"; readonly path: string }
  /** A command that an import does not run. */
  | { readonly kind: "command"; readonly command: string }
  /** Ruby that an import does not run. */
  | { readonly kind: "ruby"; readonly code: string };

/** Whether the value is there: not those of a variable that is not set, a command, or other Ruby. */
export const isKnown = ({ kind }: Origin): boolean => kind === "env" || kind === "git" || kind === "file";

export type Ruby = string | number | boolean | null | readonly Ruby[];

export const isTrue = (value: Ruby): boolean => value !== null && value !== false;

/** `to_s` */
export function textOf(value: Ruby): string {
  if (value === null) return "";
  if (typeof value === "number") return numberText(value);
  return isList(value) ? inspect(value) : String(value);
}

export const isList = (value: Ruby): value is readonly Ruby[] => Array.isArray(value);

/** `inspect` */
export function inspect(value: Ruby): string {
  if (value === null) return "nil";
  if (typeof value === "string") return JSON.stringify(value);
  return isList(value) ? `[${value.map(inspect).join(", ")}]` : textOf(value);
}

const numberText = (value: number): string => (Number.isInteger(value) ? String(value) : floatText(value));

/**
 * A Float as Ruby prints it, which has a digit behind the point, and an exponent from 1e16 on and below 0.0001.
 *
 * @example floatText(1e20) // "1.0e+20"
 */
export function floatText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "Infinity";
  if (value === Number.NEGATIVE_INFINITY) return "-Infinity";
  if (Number.isNaN(value)) return "NaN";
  const size = Math.abs(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  if (size >= 1e16 || size < 1e-4) {
    const [digits = "", exponent = ""] = value.toExponential().split("e");
    const power = Number(exponent);
    return `${digits.includes(".") ? digits : `${digits}.0`}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const text = size >= 1e15 ? BigInt(Math.trunc(value)).toString() : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
