import { isMap } from "../../core/values.ts";
import type { ConfigValue, StackValues } from "../../project/config-values.ts";

/** Before a secret that was not decrypted. No text of a config has this character. */
const SEALED = "\u0000";

/**
 * A config as files have it, in the form that Pulumi prints, with secrets as they are encrypted. Two that are equal are the same secret;
 * two that differ may be the same.
 */
export const sealedValues = (written: Readonly<Record<string, unknown>>): StackValues =>
  Object.fromEntries(Object.entries(written).map(([key, value]) => [key, sealedValue(value)]));

function sealedValue(written: unknown): ConfigValue {
  const value = sealed(written);
  const secret = hasSealed(value);
  if (typeof value !== "object" || value === null) return { value: String(value ?? ""), secret };
  return { value: JSON.stringify(value), objectValue: value, secret };
}

function sealed(written: unknown): unknown {
  if (Array.isArray(written)) return written.map(sealed);
  if (!isMap(written)) return written;
  const { secure, ...others } = written;
  if (typeof secure === "string" && Object.keys(others).length === 0) return SEALED + secure;
  return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, sealed(value)]));
}

/** Whether a value from `sealedValues` is or has a secret. */
export function hasSealed(value: unknown): boolean {
  if (typeof value === "string") return value.startsWith(SEALED);
  if (Array.isArray(value)) return value.some(hasSealed);
  return isMap(value) && Object.values(value).some(hasSealed);
}
