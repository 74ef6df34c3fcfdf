import { fileOf, idAt } from "./backup-name.ts";
import type { BackupSpec } from "./backup-spec.ts";
import type { BackupStore } from "./backup-store.ts";
import { encode } from "./encode.ts";
import { measured } from "./measure.ts";
import { openPipe, type Pipe } from "./pipe.ts";
import { messageOf } from "./print.ts";
import type { Records } from "./records.ts";
import { nextId, prune } from "./retention.ts";

/** The result of a backup: the last line of its log. */
export interface Result {
  readonly id: string;
  /** As stored. */
  readonly bytes: number;
  /** Of what is stored, in hexadecimal. */
  readonly sha256: string;
  readonly seconds: number;
  /** What failed after the backup was complete. */
  readonly warning?: string;
}

/** The two containers are started one right after the other. */
const BEGIN_TIMEOUT_MS = 60_000;

/** Streams the dump into the store; rejects unless all of it arrived and the dump reported success. */
export async function backUp(
  spec: BackupSpec,
  { store, records, pipes }: { readonly store: BackupStore; readonly records: Records; readonly pipes: string },
  signal: AbortSignal,
): Promise<Result> {
  const began = Date.now();
  const pipe = await openPipe(pipes);
  const cut = () => pipe.data.destroy(new Error("stopped by a signal"));
  signal.addEventListener("abort", cut, { once: true });
  try {
    await awaitBegin(pipe, signal);
    const now = new Date(began);
    // A place that cannot be listed may still store.
    const { id, ahead } = await store.list().then(
      (files) => nextId(files, now),
      () => ({ id: idAt(now), ahead: 0 }),
    );
    const file = fileOf(id, spec);
    const { content, found } = measured(await encode(pipe.data, spec));
    const bytes = await store.store(file, content, () => requireSuccess(pipe));
    const { sha256 } = found();
    const unrecorded = await failureOf(records.add(file, { bytes, sha256 }, spec.keep), "what was stored was not recorded");
    const seconds = (Date.now() - began) / 1000;
    const pruned = await failureOf(prune(store, spec.keep, id), "older backups were not removed");
    const future = ahead === 0 ? undefined : `${count(ahead)} of the future: the clock of this host was ahead, or is behind now`;
    const warning = [future, unrecorded, pruned].filter((text) => text !== undefined).join("; ");
    return { id, bytes, sha256, seconds, ...(warning === "" ? {} : { warning }) };
  } finally {
    signal.removeEventListener("abort", cut);
    pipe.close();
  }
}

/** Of what does not make the backup incomplete. */
const failureOf = (work: Promise<unknown>, what: string): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (thrown: unknown) => `${what}: ${messageOf(thrown)}`,
  );

const count = (ahead: number): string => (ahead === 1 ? "1 backup is" : `${ahead} backups are`);

async function awaitBegin({ begun }: Pipe, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(BEGIN_TIMEOUT_MS)]);
  const never = new Promise<never>((_resolve, reject) => {
    late.addEventListener("abort", () => reject(new Error("the dump did not begin")), { once: true });
  });
  await Promise.race([begun, never]);
}

async function requireSuccess({ data, code }: Pipe): Promise<void> {
  const ended = await code;
  if (ended === undefined) throw new Error("the dump was interrupted");
  if (ended !== 0) throw new Error(`the dump ended with code ${ended}`);
  if ((data as Pipe["data"] & { readonly bytesRead?: number }).bytesRead === 0) throw new Error("the dump is empty");
}
