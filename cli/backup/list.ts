import type { Access } from "../../hosts/index.ts";
import { describePlace } from "../../providers/schedule/plan.ts";
import { hostsAt } from "../stack/access.ts";
import { bytes } from "../terminal/format.ts";
import type { DeclaredBackup } from "./declared-backup.ts";
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
}

/** Newest first. */
export async function listOf(at: DeclaredBackup, access: Access): Promise<ListedBackup[]> {
  const hosts = hostsAt(access);
  try {
    const found = await new Store(at, hosts.at(at.inputs.host)).list();
    return found.map(({ id, at: moment, bytes, isEncrypted, isDrilled }) => ({
      id,
      at: moment.toISOString(),
      bytes,
      encrypted: isEncrypted,
      drilled: isDrilled,
    }));
  } finally {
    await hosts.close();
  }
}

export function listText(found: readonly ListedBackup[], { name, backup }: DeclaredBackup): string {
  if (found.length === 0) return `no backup of ${name} in ${describePlace(backup)} yet`;
  const lines = found.map(({ id, at, bytes: size, encrypted, drilled }) =>
    [id, at.replace(/\.\d+Z$/, "Z"), bytes(size).padStart(8), encrypted ? "encrypted" : "", drilled ? "drilled" : ""]
      .join("   ")
      .trimEnd(),
  );
  return [`${name} in ${describePlace(backup)}`, ...lines].join("\n");
}
