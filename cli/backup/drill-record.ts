import type { Seconds } from "../../core/words.ts";

/** What a drill found. */
export interface Drilled {
  readonly id: string;
  readonly at: string;
  /** Of the backup as it is kept. */
  readonly bytes: number;
  /** From nothing to the answer. */
  readonly seconds: Seconds;
  /** What was asked, and the lines of the answer. */
  readonly asked: string;
  readonly rows: readonly string[];
}

/**
 * What is kept of a drill beside the backup, as `<id>.drill.json`. The question and its answer are data of the backup: beside an encrypted
 * one they are sealed to the same keys, and only counts are in the clear.
 */
export interface DrillRecord {
  readonly id: string;
  readonly at: string;
  readonly bytes: number;
  readonly seconds: Seconds;
  /** Of the answer. */
  readonly lines: number;
  /** Beside a backup that is not encrypted. */
  readonly asked?: string;
  readonly rows?: readonly string[];
  /** Of an encrypted one: `{"asked", "rows"}`, as an armored age file. @example jq -r .sealed FILE | age -d -i key.txt */
  readonly sealed?: string;
}

/** @param identities the private keys that the backup was opened with; none for one that is not encrypted */
export async function recordOf(
  { asked, rows, ...about }: Drilled,
  isEncrypted: boolean,
  identities: readonly string[],
): Promise<DrillRecord> {
  const clear = { ...about, lines: rows.length };
  if (!isEncrypted) return { ...clear, asked, rows };
  const { armor, Encrypter, identityToRecipient } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const identity of identities) encrypter.addRecipient(await identityToRecipient(identity));
  return { ...clear, sealed: armor.encode(await encrypter.encrypt(JSON.stringify({ asked, rows }))) };
}
