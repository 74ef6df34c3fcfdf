import { Readable } from "node:stream";
import { REDIS_LOGIN } from "../../../core/accessory/login.ts";
import { Deadline } from "../../../core/deadline.ts";
import { temporaryLabels } from "../../../core/temporary.ts";
import type { Container } from "../../../hosts/index.ts";
import { refusal } from "../declared-backup.ts";
import { startHelper } from "../helper.ts";
import { pipeToExec } from "../pipe-to-exec.ts";
import { untilReady } from "./ready.ts";
import { failed, type RestoreTask } from "./task.ts";

const DATA = "/data";
const STOP = 60;
const LIMIT = 60;

const ASK = `${REDIS_LOGIN}
"$client" -h 127.0.0.1 -p "$1" config get dir`;

/** $1 is the stamp. */
const LOAD = `
set -e
cd ${DATA}
cat >".restore-$1"
chown --reference=. ".restore-$1"`;

/**
 * A server that keeps a log of its changes does not read dump.rdb at its start: it gets the backup as the base of that log, in the
 * form that its version writes.
 */
const SWAP = `
set -e
cd ${DATA}
stamp=$1
for old in dump.rdb appendonly.aof appendonlydir; do
  if [ -e "$old" ]; then mv "$old" "$old.before-$stamp"; fi
done
if [ -e "appendonlydir.before-$stamp" ]; then
  mkdir appendonlydir
  cp -p ".restore-$stamp" appendonlydir/appendonly.aof.1.base.rdb
  echo 'file appendonly.aof.1.base.rdb seq 1 type b' >appendonlydir/appendonly.aof.manifest
  chown -R --reference=. appendonlydir
fi
if [ -e "appendonly.aof.before-$stamp" ]; then cp -p ".restore-$stamp" appendonly.aof; fi
mv ".restore-$stamp" dump.rdb`;

const PUT_BACK = `
set -e
cd ${DATA}
for new in dump.rdb appendonly.aof appendonlydir; do
  if [ -e "$new.before-$1" ]; then
    rm -rf "$new"
    mv "$new.before-$1" "$new"
  fi
done
rm -f ".restore-$1"`;

/** Loaded beside its data while it runs; then, while it is stopped, the files change places. */
export async function restoreRedis(task: RestoreTask): Promise<string> {
  const { at, host, container, content, stamp, say } = task;
  const { docker } = host;
  const source = await dataOf(task);
  const run = async (script: string, input: Readable): Promise<void> => {
    const helper = await startHelper(host, `${container.name}-restore`, {
      Image: at.inputs.image,
      Labels: temporaryLabels("slipway backup restore", at.inputs.stack, at.backup.timeout),
      User: "0",
      Entrypoint: ["sh"],
      Cmd: ["-c", script.trim(), "slipway-restore", stamp],
      HostConfig: { NetworkMode: "none", Binds: [`${source}:${DATA}`] },
    });
    const { code, stderr } = await pipeToExec(input, helper, Deadline.in(at.backup.timeout));
    if (code !== 0) throw new Error(stderr.trim() || `exit code ${code}`);
  };
  const nothing = () => Readable.from([]);
  try {
    say("loading it beside what is there");
    await run(LOAD, await content());
  } catch (thrown) {
    await run(PUT_BACK, nothing());
    throw failed(task, thrown, `${container.name} with the data that it had`);
  }
  say("stopping it");
  await docker.stop(container.id, STOP);
  try {
    await run(SWAP, nothing());
    await docker.start(container.id);
    await untilReady(host, container.id, at.backup.preset ?? "redis", at.backup.port ?? 6379);
  } catch (thrown) {
    await docker.stop(container.id, STOP);
    await run(PUT_BACK, nothing()).finally(() => docker.start(container.id));
    throw failed(task, thrown, `${container.name} with the data that it had, started again`);
  }
  return `what was there before is in its data folder, as *.before-${stamp}`;
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
