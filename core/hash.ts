import { createHash } from "node:crypto";

/** JSON with sorted keys and without `undefined`: equal values give equal text on every machine. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

/** SHA-256 of the canonical form, in hex. */
export const stableHash = (value: unknown): string => createHash("sha256").update(canonical(value)).digest("hex");
