import { fileOf, idAt } from "./backup-name.ts";
import type { BackupSpec } from "./backup-spec.ts";
import type { Place } from "./backup-store.ts";
import { wrap } from "./encode.ts";
import { openPipe, type Pipe } from "./pipe.ts";
import { messageOf } from "./print.ts";
import { prune } from "./retention.ts";

/** What a backup came to: the last line of its log. */
export interface Result {
  readonly id: string;
  /** As it is kept. */
  readonly bytes: number;
  readonly seconds: number;
  /** What went wrong after the backup was whole. */
  readonly warning?: string;
}

/** The two containers start one right after the other. */
const BEGIN_MS = 60_000;

/** Streams what the dump writes to its place; rejects unless all of it is there and the dump says that it went well. */
export async function backUp(spec: BackupSpec, place: Place, pipes: string, signal: AbortSignal): Promise<Result> {
  const began = Date.now();
  const id = idAt(new Date(began));
  const pipe = await openPipe(pipes);
  const cut = () => pipe.data.destroy(new Error("told to stop"));
  signal.addEventListener("abort", cut, { once: true });
  try {
    await begins(pipe, signal);
    const bytes = await place.store(fileOf(id, spec), await wrap(pipe.data, spec), () => wentWell(pipe));
    const seconds = (Date.now() - began) / 1000;
    const warning = await prune(place, spec.keep).then(
      () => undefined,
      (thrown: unknown) => `older backups were not removed: ${messageOf(thrown)}`,
    );
    return { id, bytes, seconds, ...(warning === undefined ? {} : { warning }) };
  } finally {
    signal.removeEventListener("abort", cut);
    pipe.close();
  }
}

async function begins({ begun }: Pipe, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(BEGIN_MS)]);
  const never = new Promise<never>((_resolve, reject) => {
    late.addEventListener("abort", () => reject(new Error("no dump began")), { once: true });
  });
  await Promise.race([begun, never]);
}

async function wentWell({ data, code }: Pipe): Promise<void> {
  const ended = await code;
  if (ended === undefined) throw new Error("the dump was cut off");
  if (ended !== 0) throw new Error(`the dump ended with code ${ended}`);
  if ((data as Pipe["data"] & { readonly bytesRead?: number }).bytesRead === 0) throw new Error("the dump is empty");
}
