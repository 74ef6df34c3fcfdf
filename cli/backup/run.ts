import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { temporaryLabels } from "../../core/temporary.ts";
import { parseJson } from "../../core/text.ts";
import type { Access, Host } from "../../hosts/index.ts";
import { PIPE } from "../../providers/schedule/dump.ts";
import { dumpName, sinkName } from "../../providers/schedule/inputs.ts";
import { failureIn, type Result, resultIn } from "../../providers/schedule/observe.ts";
import { BACKUPS, RECORDS, SPEC_FILE } from "../../providers/schedule/parts.ts";
import { commandOf, fileEntry, programFiles } from "../../providers/schedule/programs.ts";
import { hostsAt } from "../stack/access.ts";
import { notice } from "../terminal/failure.ts";
import { bytes } from "../terminal/format.ts";
import { printLine } from "../terminal/print.ts";
import { type DeclaredBackup, refusal, requireSink } from "./declared-backup.ts";

/** Makes a backup now. Returns the exit code. */
export async function runNow(at: DeclaredBackup, access: Access): Promise<number> {
  const hosts = hostsAt(access);
  try {
    const { id, bytes: size, seconds, warning } = await backUpNow(at, hosts.at(at.inputs.host));
    printLine(`backed up ${at.name}: ${id}, ${bytes(size)} in ${seconds.toFixed(1)} s`);
    if (warning !== undefined) notice(warning);
    return 0;
  } finally {
    await hosts.close();
  }
}

const LOG_LINES = 20;

/** Uses the same two containers as the scheduled backup. */
export async function backUpNow(at: DeclaredBackup, host: Host): Promise<Result> {
  return backUpInto(await requireSink(at, host), at, host);
}

/**
 * Before a restore writes over the data. It removes no older backup: the one that is about to be restored may be the oldest.
 * The next scheduled backup removes what exceeds `keep`.
 */
export async function backUpBeforeRestore(at: DeclaredBackup, host: Host): Promise<Result> {
  const { docker } = host;
  const declared = await requireSink(at, host);
  if (declared.state.running) throw isRunning(at, host);
  const name = `${declared.name}-before`;
  const [sibling, spec] = await Promise.all([docker.sibling(declared.id), docker.readFile(declared.id, SPEC_FILE)]);
  if (sibling === undefined || spec === undefined) throw new Error(`${declared.name} was removed a moment ago`);
  const keepsAll = { ...Spec.parse(parseJson(spec.toString("utf8"))), keep: Number.MAX_SAFE_INTEGER };
  await docker.remove(name, { force: true, anonymousVolumes: true }); // left by a restore that was killed
  const [program = "", ...args] = commandOf("sink", SPEC_FILE, PIPE, BACKUPS, RECORDS);
  const { id } = await docker.create(name, {
    ...sibling,
    Entrypoint: [program],
    Cmd: args,
    Labels: temporaryLabels("slipway backup restore", at.inputs.stack, at.backup.timeout),
    // Its log has the result.
    HostConfig: { ...sibling.HostConfig, LogConfig: { Type: "json-file", Config: {} } },
  });
  try {
    const file = fileEntry(SPEC_FILE, Buffer.from(JSON.stringify(keepsAll)), 0o600);
    await docker.writeFiles(id, "/", [...programFiles(["age-encryption", "aws4fetch"]), file]);
    return await backUpInto({ id, state: { running: false } }, at, host);
  } finally {
    await docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

const Spec = z.looseObject({ keep: z.number() });

const isRunning = ({ backup, name }: DeclaredBackup, host: Host): SlipwayError =>
  refusal(
    "BACKUP_FAILED",
    `a backup of ${name} is already running`,
    `wait for it: docker logs -f ${sinkName(backup)} on ${host.name}`,
  );

/** @param sink the container that stores what is dumped */
async function backUpInto(
  sink: { readonly id: string; readonly state: { readonly running: boolean } },
  at: DeclaredBackup,
  host: Host,
): Promise<Result> {
  const { backup, name } = at;
  const { docker } = host;
  const dump = await docker.inspect(dumpName(backup));
  if (dump === undefined)
    throw refusal("BACKUP_FAILED", `there is no container ${dumpName(backup)}`, "pulumi up, which makes it again");
  if (sink.state.running || dump.state.running) throw isRunning(at, host);
  const over = new AbortController();
  try {
    await docker.start(sink.id);
    await docker.start(dump.id);
    const ended = docker.exited(sink.id, over.signal);
    ended.catch(() => {});
    const late = () => new Error(`the backup of ${name} was not done within ${backup.timeout} s`);
    const { code } = await Deadline.in(backup.timeout).race(ended, late);
    const [said = ""] = await docker.lastLogs(sink.id, 1);
    const result = resultIn({ said });
    if (code === 0 && result !== undefined) return result;
    throw new SlipwayError({
      code: "BACKUP_FAILED",
      what: `the backup of ${name} failed: ${failureIn({ said })}`,
      host: host.name,
      evidence: await docker.lastLogs(dump.id, LOG_LINES),
      servesNow: "what served before; the older backups are as they were",
      next: `see what its last lines say, then slipway backup run ${name}`,
    });
  } finally {
    over.abort();
    // Without its reader, the dump has no purpose.
    await docker.stop(dump.id, 0);
    await docker.stop(sink.id, STOP);
  }
}

/** It takes back what it has stored so far. */
const STOP = 10;
