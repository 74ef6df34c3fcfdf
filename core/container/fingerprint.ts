import { scryptSync } from "node:crypto";
import { canonical } from "../values.ts";

/**
 * Represents secret values where they must not appear but a change of them must show: in the spec hash, which anyone can read in
 * names, labels and state. A plain hash of a short secret could be guessed offline; with scrypt each guess costs 30 ms.
 */
export function secretsFingerprint(secrets: Readonly<Record<string, string>>, salt: string): string {
  if (Object.keys(secrets).length === 0) return "";
  return scryptSync(canonical(secrets), salt, 16).toString("hex");
}
