import type { Readable } from "node:stream";
import { type Container, type Host, type Hosts, operator } from "../../hosts/index.ts";
import { presetIn } from "../../providers/schedule/parts.ts";
import { restoreName } from "../../providers/steps/restore.ts";
import { endEarlierRestore } from "../stack/earlier-restore.ts";
import { ask } from "../terminal/ask.ts";
import { notice } from "../terminal/failure.ts";
import { bytes } from "../terminal/format.ts";
import { printLine } from "../terminal/print.ts";
import { type DeclaredBackup, refusal } from "./declared-backup.ts";
import { unknownText, verified } from "./origin.ts";
import { HeldLease } from "./restore/held-lease.ts";
import type { Restore, RestoreTask } from "./restore/task.ts";
import { type Kept, Store } from "./store.ts";
import { identitiesFor, unwrap } from "./unwrap.ts";

export interface RestoreOptions {
  readonly id: string | undefined;
  /** The file with the private key. */
  readonly identity: string | undefined;
  /** Whether a person is asked before anything is changed. */
  readonly asked: boolean;
  /** Another accessory that gets it: of another major version, on another host. Default: the one that it is of. */
  readonly into?: DeclaredBackup | undefined;
}

/** Loaded one by one: each has a way of its own. */
const WAYS: Readonly<Record<string, () => Promise<Restore>>> = {
  postgres: async () => (await import("./restore/postgres.ts")).restorePostgres,
  mysql: async () => (await import("./restore/mysql.ts")).restoreMysql,
  mariadb: async () => (await import("./restore/mysql.ts")).restoreMysql,
  redis: async () => (await import("./restore/redis.ts")).restoreRedis,
  valkey: async () => (await import("./restore/redis.ts")).restoreRedis,
  files: async () => (await import("./restore/files.ts")).restoreFiles,
};

/** Replaces the data with a backup; the old data is kept. Returns the exit code. */
export async function restore(from: DeclaredBackup, hosts: Hosts, options: RestoreOptions): Promise<number> {
  const { into: at = from } = options;
  requireSameKind(from, at);
  const host = hosts.at(at.inputs.host);
  const store = new Store(from, hosts.at(from.inputs.host));
  const kept = await store.find(options.id);
  const of = from === at ? "" : ` of ${from.name}`;
  if (await isRestoredAlready(at, host, kept, of)) return 0;
  const identities = await identitiesFor(kept, options.identity);
  await requireRunning(at, host);
  const same = await verified(store, kept, from);
  const what = `the backup ${kept.id}${of} (${bytes(kept.bytes)}) into ${at.backup.container} on ${host.name}`;
  if (same === undefined) notice(unknownText(kept, from.inputs.host.name));
  if (options.asked && !(await ask(`Restore ${what}? The current data is kept.`))) return 1;
  const doing = `slipway backup restore ${at.name} from ${kept.id}${of}`;
  await using lease = await HeldLease.of(host, ownerOf(at), { who: operator(at.inputs.stack), what: doing });
  const began = performance.now();
  const stopped = new AbortController();
  const stop = () => {
    notice("stopping; the current data stays, or is restored");
    stopped.abort(new Error("stopped by you"));
  };
  for (const signal of STOPPING) process.once(signal, stop);
  try {
    // Another restore may have been cut since.
    await endEarlierRestore(host, at.backup.container);
    const container = await requireRunning(at, host);
    const content = async () => endingWith(stopped.signal, await unwrap(await store.read(kept, same), kept, identities));
    const aside = await put({ at, host, lease, container, kept, content, stamp: stampOf(new Date()), say: notice });
    lease.result = "done";
    printLine(`restored ${at.name} from ${kept.id}${of} in ${((performance.now() - began) / 1000).toFixed(1)} s; ${aside}`);
    return 0;
  } finally {
    for (const signal of STOPPING) process.off(signal, stop);
  }
}

async function put(task: RestoreTask): Promise<string> {
  const way = await WAYS[presetIn(task.at.backup) ?? "files"]?.();
  if (way === undefined) throw new TypeError(`no way to restore ${task.at.name}`);
  return way(task);
}

const ownerOf = (at: DeclaredBackup): string => `${operator(at.inputs.stack)} (slipway backup restore ${at.name})`;

/** @example "20261121_201530" */
const stampOf = (moment: Date): string =>
  moment
    .toISOString()
    .replace(/[-:]|\..*$/g, "")
    .replace("T", "_");

/** Whether an earlier command has begun to restore the same backup, and it has ended well now: a second time would set its data aside. */
async function isRestoredAlready(at: DeclaredBackup, host: Host, kept: Kept, of: string): Promise<boolean> {
  if ((await host.docker.inspect(restoreName(at.backup.container))) === undefined) return false;
  await using _lease = await HeldLease.of(host, ownerOf(at));
  const earlier = await endEarlierRestore(host, at.backup.container);
  if (earlier?.end.end !== "swapped" || earlier.backup !== kept.id) return false;
  printLine(`restored ${at.name} from ${kept.id}${of}, as an earlier command began it; ${earlier.aside}`);
  return true;
}

/** What one kind of server wrote, only that kind reads. */
function requireSameKind(from: DeclaredBackup, at: DeclaredBackup): void {
  const [wrote, reads] = [from, at].map(({ backup }) => presetIn(backup) ?? "files");
  if (wrote === reads) return;
  throw refusal(
    "USAGE",
    `the backup of ${from.name} is from ${wrote}, but ${at.name} is ${reads}`,
    "name an accessory of the same kind",
  );
}

const STOPPING = ["SIGINT", "SIGTERM"] as const;

/** Nothing is left in the middle: a backup that ends too soon is one that failed. */
function endingWith(signal: AbortSignal, content: Readable): Readable {
  if (signal.aborted) content.destroy(signal.reason);
  signal.addEventListener("abort", () => content.destroy(signal.reason), { once: true });
  return content;
}

async function requireRunning({ name, backup }: DeclaredBackup, host: Host): Promise<Container> {
  const container = await host.docker.inspect(backup.container);
  if (container?.state.running) return container;
  throw refusal("ACCESSORY_NOT_RUNNING", `${backup.container} on ${host.name} is not running`, `slipway accessory start ${name}`);
}
