import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Access, Host } from "../../hosts/index.ts";
import { dumpName, sinkName } from "../../providers/schedule/inputs.ts";
import { failureIn, type Result, resultIn } from "../../providers/schedule/observe.ts";
import { hostsAt } from "../stack/access.ts";
import { bytes } from "../terminal/format.ts";
import { type DeclaredBackup, refusal, requireSink } from "./declared-backup.ts";

/** Makes a backup now. Returns the exit code. */
export async function runNow(at: DeclaredBackup, access: Access): Promise<number> {
  const hosts = hostsAt(access);
  try {
    const { id, bytes: size, seconds, warning } = await backUpNow(at, hosts.at(at.inputs.host));
    console.info(`backed up ${at.name}: ${id}, ${bytes(size)} in ${seconds.toFixed(1)} s`);
    if (warning !== undefined) console.error(`slipway: ${warning}`);
    return 0;
  } finally {
    await hosts.close();
  }
}

const LOG_LINES = 20;

/** By the same two containers as at its time. */
export async function backUpNow(at: DeclaredBackup, host: Host): Promise<Result> {
  const { backup, name } = at;
  const { docker } = host;
  const sink = await requireSink(at, host);
  const dump = await docker.inspect(dumpName(backup));
  if (dump === undefined)
    throw refusal("BACKUP_FAILED", `there is no container ${dumpName(backup)}`, "pulumi up, which makes it again");
  if (sink.state.running || dump.state.running)
    throw refusal(
      "BACKUP_FAILED",
      `a backup of ${name} is already running`,
      `wait for it: docker logs -f ${sinkName(backup)} on ${host.name}`,
    );
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
