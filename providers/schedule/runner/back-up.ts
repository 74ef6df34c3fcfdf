import { fileOf, idAt } from "./backup-name.ts";
import type { BackupSpec } from "./backup-spec.ts";
import type { BackupStore } from "./backup-store.ts";
import { encode } from "./encode.ts";
import { openPipe, type Pipe } from "./pipe.ts";
import { messageOf } from "./print.ts";
import { nextId, prune } from "./retention.ts";

/** The result of a backup: the last line of its log. */
export interface Result {
  readonly id: string;
  /** As stored. */
  readonly bytes: number;
  readonly seconds: number;
  /** What failed after the backup was complete. */
  readonly warning?: string;
}

/** The two containers are started one right after the other. */
const BEGIN_TIMEOUT_MS = 60_000;

/** Streams the dump into the store; rejects unless all of it arrived and the dump reported success. */
export async function backUp(spec: BackupSpec, store: BackupStore, pipes: string, signal: AbortSignal): Promise<Result> {
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
    const bytes = await store.store(fileOf(id, spec), await encode(pipe.data, spec), () => requireSuccess(pipe));
    const seconds = (Date.now() - began) / 1000;
    const pruned = await prune(store, spec.keep, id).then(
      () => undefined,
      (thrown: unknown) => `older backups were not removed: ${messageOf(thrown)}`,
    );
    const future = ahead === 0 ? undefined : `${count(ahead)} of the future: the clock of this host was ahead, or is behind now`;
    const warning = [future, pruned].filter((text) => text !== undefined).join("; ");
    return { id, bytes, seconds, ...(warning === "" ? {} : { warning }) };
  } finally {
    signal.removeEventListener("abort", cut);
    pipe.close();
  }
}

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
