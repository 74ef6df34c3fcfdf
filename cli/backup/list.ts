import type { Access } from "../../hosts/index.ts";
import { describePlace } from "../../providers/schedule/plan.ts";
import { hostsAt } from "../stack/access.ts";
import { bytes } from "../terminal/format.ts";
import type { DeclaredBackup } from "./declared-backup.ts";
import { type Origin, originOf } from "./origin.ts";
import { Store } from "./store.ts";

/** What `slipway backup list --json` prints of each. */
export interface ListedBackup {
  readonly id: string;
  /** When it began, in ISO 8601. */
  readonly at: string;
  readonly bytes: number;
  readonly encrypted: boolean;
  /** Whether a drill of it was recorded. */
  readonly drilled: boolean;
  /** `recorded`: the host has stored it, and its size is right; a restore compares the digest. `differs`: its size is not the recorded one. */
  readonly origin: Origin;
  /** As the host has stored it, in hexadecimal; null if it has no record of it. */
  readonly sha256: string | null;
}

/** Newest first. */
export async function listOf(at: DeclaredBackup, access: Access): Promise<ListedBackup[]> {
  const hosts = hostsAt(access);
  try {
    const found = await new Store(at, hosts.at(at.inputs.host)).list();
    return found.map((kept) => ({
      id: kept.id,
      at: kept.at.toISOString(),
      bytes: kept.bytes,
      encrypted: kept.isEncrypted,
      drilled: kept.isDrilled,
      origin: originOf(kept),
      sha256: kept.recorded?.sha256 ?? null,
    }));
  } finally {
    await hosts.close();
  }
}

const ORIGINS: Readonly<Record<Origin, string>> = { recorded: "", unknown: "unknown origin", differs: "not as stored" };

export function listText(found: readonly ListedBackup[], { name, backup }: DeclaredBackup): string {
  if (found.length === 0) return `no backup of ${name} in ${describePlace(backup)} yet`;
  const lines = found.map(({ id, at, bytes: size, encrypted, drilled, origin }) =>
    [
      ...[id, at.replace(/\.\d+Z$/, "Z"), bytes(size).padStart(8)],
      ...[encrypted ? "encrypted" : "", drilled ? "drilled" : "", ORIGINS[origin]],
    ]
      .join("   ")
      .trimEnd(),
  );
  return [`${name} in ${describePlace(backup)}`, ...lines].join("\n");
}
