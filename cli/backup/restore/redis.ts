import { Readable } from "node:stream";
import { REDIS_LOGIN } from "../../../core/accessory/login.ts";
import { PRESETS, readyAt } from "../../../core/accessory/preset.ts";
import { Deadline } from "../../../core/deadline.ts";
import { temporaryLabels } from "../../../core/temporary.ts";
import type { Seconds } from "../../../core/words.ts";
import type { Container } from "../../../hosts/index.ts";
import { refusal, requireSink } from "../declared-backup.ts";
import { startHelper } from "../helper.ts";
import { pipeToExec } from "../pipe-to-exec.ts";
import { swapOnHost } from "./swap.ts";
import { failed, type RestoreTask } from "./task.ts";

const DATA = "/data";
const LIMIT: Seconds = 60;
const BOOT: Seconds = 120;

const ASK = `${REDIS_LOGIN}
"$client" -h 127.0.0.1 -p "$1" config get dir`;

/** $1 is the stamp. What a restore left that lost its connection, or could not remove, goes first. */
const LOAD = `
set -e
cd ${DATA}
rm -rf .restore-*
cat >".restore-$1"
chown --reference=. ".restore-$1"
sync`;

const DISCARD = `rm -f ${DATA}/".restore-$1"`;

/** Loaded beside its data while it runs; then, while it is stopped, the files change places. */
export async function restoreRedis(task: RestoreTask): Promise<string> {
  const { at, host, container, content, stamp, say } = task;
  const source = await dataOf(task);
  const sink = await requireSink(at, host);
  const binds = [`${source}:${DATA}`];
  const run = async (script: string, input: Readable): Promise<void> => {
    const helper = await startHelper(host, `${container.name}-restore`, {
      Image: sink.imageId,
      Labels: temporaryLabels("slipway backup restore", at.inputs.stack, at.backup.timeout),
      User: "0",
      Entrypoint: ["sh"],
      Cmd: ["-c", script.trim(), "slipway-restore", stamp],
      HostConfig: { NetworkMode: "none", Binds: binds },
    });
    const { code, stderr } = await pipeToExec(input, helper, Deadline.in(at.backup.timeout));
    if (code !== 0) throw new Error(stderr.trim() || `exit code ${code}`);
  };
  try {
    say("loading it beside what is there");
    await run(LOAD, await content());
  } catch (thrown) {
    // The next restore does it, too.
    await run(DISCARD, Readable.from([])).catch(() => {});
    throw failed(task, thrown, `${container.name} with the data that it had`);
  }
  const command = readyAt(PRESETS[at.backup.preset ?? "redis"], at.backup.port ?? 6379);
  const aside = `what was there before is in its data folder, as *.before-${stamp}`;
  const data = { kind: "redis", folder: DATA, stamp } as const;
  await swapOnHost(task, { data, ready: { command, timeout: BOOT }, binds, aside });
  return aside;
}

/** The volume or folder that its data is in. */
async function dataOf({ at, host, container }: RestoreTask): Promise<string> {
  const argv = ["sh", "-c", ASK.trim(), "slipway-restore", String(at.backup.port ?? 6379)];
  const { stdout } = await host.docker.exec(container.id, argv, { deadline: Deadline.in(LIMIT) });
  const folder = stdout.trim().split("\n").at(-1) ?? "";
  const mount = mountOf(container, folder);
  if (mount !== undefined) return mount;
  throw refusal(
    "RESTORE_FAILED",
    `the data folder of ${container.name}, ${folder}, is neither a volume nor a folder of the host`,
    "give it a volume",
  );
}

const mountOf = ({ mounts }: Container, folder: string): string | undefined => {
  const found = mounts.find(({ target }) => target === folder);
  return found?.name ?? found?.source;
};
