import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { PresetName } from "../../core/accessory/preset.ts";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { temporaryLabels } from "../../core/temporary.ts";
import type { Seconds } from "../../core/words.ts";
import type { Access, CreateBody, Host } from "../../hosts/index.ts";
import { dumpName } from "../../providers/schedule/inputs.ts";
import { presetIn } from "../../providers/schedule/parts.ts";
import { removeLeft } from "../../providers/steps/temporary.ts";
import { endsWithUs, GRACE } from "../exec/ends-with-us.ts";
import { hostsAt } from "../stack/access.ts";
import { notice } from "../terminal/failure.ts";
import { bytes } from "../terminal/format.ts";
import { printLine } from "../terminal/print.ts";
import { type DeclaredBackup, refusal, requireSink } from "./declared-backup.ts";
import { type DrillMethod, drillMethodOf } from "./drill-method.ts";
import { type Drilled, recordOf } from "./drill-record.ts";
import { unknownText, verified } from "./origin.ts";
import { pipeToExec } from "./pipe-to-exec.ts";
import { untilReady } from "./restore/ready.ts";
import { type Kept, Store } from "./store.ts";
import { identitiesFor, unwrap } from "./unwrap.ts";

const PATIENCE: Seconds = 600;

/** Restores a backup into a separate container, runs a query, and removes it. Returns the exit code. */
export async function drill(
  at: DeclaredBackup,
  access: Access,
  options: { readonly id: string | undefined; readonly identity: string | undefined },
): Promise<number> {
  const hosts = hostsAt(access);
  try {
    const host = hosts.at(at.inputs.host);
    await removeLeft(host, at.inputs, notice);
    const store = new Store(at, host);
    const kept = await store.find(options.id);
    const identities = await identitiesFor(kept, options.identity);
    const same = await verified(store, kept, at);
    if (same === undefined) notice(unknownText(kept, host.name));
    const found = await runDrill(at, host, kept, async () => unwrap(await store.read(kept, same), kept, identities));
    await store.record(kept, await recordOf(found, kept.isEncrypted, identities));
    printLine(`${at.name} from ${kept.id}: restored and asked in ${found.seconds.toFixed(1)} s, ${bytes(kept.bytes)}`);
    printLine(`${found.asked}\n${found.rows.map((row) => `  ${row}`).join("\n")}`);
    return 0;
  } finally {
    await hosts.close();
  }
}

async function runDrill(at: DeclaredBackup, host: Host, kept: Kept, content: () => ReturnType<typeof unwrap>): Promise<Drilled> {
  const container = `${at.backup.container}-drill-${randomBytes(4).toString("hex")}`;
  const watch = await endsWithUs(host, { kind: "container", container, grace: GRACE });
  try {
    return await runIn(container, at, host, kept, content);
  } finally {
    await watch?.release();
  }
}

async function runIn(
  container: string,
  at: DeclaredBackup,
  host: Host,
  kept: Kept,
  content: () => ReturnType<typeof unwrap>,
): Promise<Drilled> {
  const { docker } = host;
  const preset = presetIn(at.backup);
  const method = drillMethodOf(preset);
  const began = performance.now();
  const { id } = await docker.create(container, await bodyFor(at, host, method));
  try {
    await docker.start(id);
    if (method.waits === "before") await ready(host, id, preset, at);
    notice("loading it into a separate container");
    const loaded = await pipeToExec(
      await content(),
      await docker.spawn(id, method.load(portOf(at)), { tty: false, input: true }),
      Deadline.in(at.backup.timeout),
    );
    if (loaded.code !== 0) throw new Error(`loading it ended with code ${loaded.code}: ${loaded.stderr.trim()}`);
    if (method.waits === "after") await ready(host, id, preset, at);
    const asked = at.backup.drill ?? method.question;
    const asking = await docker.spawn(id, method.ask(portOf(at)), { tty: false, input: true });
    const answer = await pipeToExec(Readable.from([Buffer.from(`${asked}\n`)]), asking, Deadline.in(PATIENCE));
    if (answer.code !== 0) throw new Error(`asking it ended with code ${answer.code}: ${answer.stderr.trim()}`);
    const rows = answer.stdout.split("\n").filter((line) => line !== "");
    const seconds = Math.round(performance.now() - began) / 1000;
    return { id: kept.id, at: new Date().toISOString(), bytes: kept.bytes, seconds, asked, rows };
  } catch (thrown) {
    throw new SlipwayError(
      {
        code: "RESTORE_FAILED",
        what: `the backup ${kept.id} of ${at.name} did not pass its drill: ${messageOf(thrown)}`,
        host: host.name,
        evidence: await docker.lastLogs(id, LOG_LINES),
        servesNow: "what served before; the drill ran separately",
        next: `try another one: slipway backup list ${at.name}`,
      },
      { cause: thrown },
    );
  } finally {
    await docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

const limitOf = ({ timeout }: DeclaredBackup["backup"]): Seconds => timeout + 2 * PATIENCE;

const LOG_LINES = 10;

const portOf = ({ backup }: DeclaredBackup): string => String(backup.port ?? "");

const ready = async (host: Host, id: string, preset: PresetName | undefined, { backup }: DeclaredBackup): Promise<void> => {
  if (preset !== undefined) await untilReady(host, id, preset, backup.port ?? 0);
};

/** The accessory's image and environment, without network and without its data; for files our own image. */
async function bodyFor(at: DeclaredBackup, host: Host, { command }: DrillMethod): Promise<CreateBody> {
  const { inputs, backup } = at;
  const { docker } = host;
  const HostConfig = { NetworkMode: "none" };
  const Labels = temporaryLabels("slipway backup drill", inputs.stack, limitOf(backup));
  if (presetIn(backup) === undefined) return { Image: (await requireSink(at, host)).imageId, ...command, Labels, HostConfig };
  const sibling = await docker.sibling(dumpName(backup));
  if (sibling === undefined)
    throw refusal("BACKUP_FAILED", `there is no container ${dumpName(backup)}`, "pulumi up, which makes it again");
  return {
    ...(sibling.Image === undefined ? {} : { Image: sibling.Image }),
    Env: sibling.Env ?? [],
    ...command,
    Labels,
    HostConfig,
  };
}
