import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import { notice } from "../terminal/failure.ts";
import { bytes } from "../terminal/format.ts";
import type { DeclaredBackup } from "./declared-backup.ts";
import type { Kept, Store, Verified } from "./store.ts";

/** Where a backup comes from. `unknown`: the host has no record of it, for example because another one, or an earlier version, has made it. */
export type Origin = "recorded" | "unknown" | "differs";

/** As far as its size shows. */
export function originOf({ recorded, bytes: size }: Pick<Kept, "recorded" | "bytes">): Origin {
  if (recorded === undefined) return "unknown";
  return recorded.bytes === size ? "recorded" : "differs";
}

/** What a person should know before it is used. */
export const unknownText = ({ id }: Kept, host: HostName): string =>
  `the origin of ${id} is unknown: ${host} has no record of having stored it, so anyone who can write to its place may have made it`;

/**
 * Has the host compare a backup with what it recorded when it stored it, and refuses one that differs. `undefined` if there is no record.
 * Encryption alone says nothing about that: everyone has the public key.
 */
export async function verified(store: Store, kept: Kept, { name, inputs }: DeclaredBackup): Promise<Verified | undefined> {
  const { recorded, id } = kept;
  if (recorded === undefined) return undefined;
  const host = inputs.host.name;
  if (recorded.bytes !== kept.bytes)
    throw differs({ name, host, id }, `${bytes(recorded.bytes)} (${recorded.bytes} bytes)`, `${kept.bytes} bytes`);
  notice(`comparing ${id} with what ${host} recorded`);
  const found = await store.verify(kept);
  if (found.sha256 !== recorded.sha256)
    throw differs({ name, host, id }, `SHA-256 ${recorded.sha256}`, `SHA-256 ${found.sha256}`);
  return found;
}

const differs = (
  { name, host, id }: { readonly name: string; readonly host: HostName; readonly id: string },
  recorded: string,
  found: string,
): SlipwayError =>
  new SlipwayError({
    code: "RESTORE_FAILED",
    what: `the backup ${id} of ${name} is not what ${host} has stored`,
    host,
    evidence: [`stored:  ${recorded}`, `is now:  ${found}`],
    servesNow: NOTHING_TOUCHED,
    next: `find out who wrote to its place, and restore another one (slipway backup list ${name}), or the stored version of it if the place keeps versions; one that you put there yourself needs an id of its own`,
  });
