/**
 * A scalar of a stack's file that may arrive as something else than is written there: one without quotes, or one that begins with a line
 * break. `value` is what belongs to the path, `key` the last part of the path itself.
 */
export interface PlainScalar {
  readonly kind: "value" | "key";
  /** From the root key on: `["env", "clear", "A"]`. */
  readonly path: readonly (string | number)[];
  /** As written: `1.10`. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/**
 * The number that Pulumi's YAML reads a scalar without quotes as; `undefined` for text.
 *
 * @example numberIn("0644") // 420
 */
export function numberIn(text: string): number | undefined {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/s.exec(text.replaceAll("_", "")) ?? [];
  const size = sizeIn(digits);
  return size === undefined ? undefined : sign === "-" ? -size : size;
}

function sizeIn(digits: string): number | undefined {
  if (isOctal(digits)) return Number.parseInt(digits, 8);
  if (/^0(o[0-7]+|x[0-9a-f]+|b[01]+)$/i.test(digits)) return Number(digits);
  return /^(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(digits) ? Number(digits) : undefined;
}

/** Whether a 0 in front makes a number octal, which no one sees at a port. */
export const isOctal = (text: string): boolean => /^[-+]?0[0-7]+$/.test(text.replaceAll("_", ""));
