import { MYSQL_LOGIN } from "../../../core/accessory/login.ts";
import { Deadline } from "../../../core/deadline.ts";
import { pipeToExec } from "../pipe-to-exec.ts";
import { backUpNow } from "../run.ts";
import { failed, type RestoreTask } from "./task.ts";

const LOAD = `${MYSQL_LOGIN}
exec "$(command -v mariadb || command -v mysql)" -h 127.0.0.1 -P "$1" -u "$user"`;

/** Over what is there: MySQL has no name for a database that could be changed at once, so that what is there is backed up before. */
export async function restoreMysql(task: RestoreTask): Promise<string> {
  const { at, host, container, content, say } = task;
  say("backing up what is there now");
  const { id } = await backUpNow(at, host);
  const argv = ["sh", "-c", LOAD.trim(), "slipway-restore", String(at.backup.port ?? 3306)];
  try {
    say("loading it");
    const { code, stderr } = await pipeToExec(
      await content(),
      await host.docker.spawn(container.id, argv, { tty: false, input: true }),
      Deadline.in(at.backup.timeout),
    );
    if (code !== 0) throw new Error(`the client ended with code ${code}: ${stderr.trim()}`);
  } catch (thrown) {
    throw failed(task, thrown, `the database with a part of it; what was there before is the backup ${id}`);
  }
  return `what was there before is the backup ${id}`;
}
