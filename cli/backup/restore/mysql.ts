import { MYSQL_LOAD, MYSQL_LOGIN } from "../../../core/accessory/login.ts";
import { Deadline } from "../../../core/deadline.ts";
import type { Seconds } from "../../../core/words.ts";
import { pipeToExec } from "../pipe-to-exec.ts";
import { backUpBeforeRestore } from "../run.ts";
import { failed, type RestoreTask } from "./task.ts";

/** Prints whether the database that is backed up exists: after `DROP DATABASE` there is nothing to back up. 1049: unknown database. */
const EXISTS = `${MYSQL_LOGIN}
database="\${MYSQL_DATABASE:-$MARIADB_DATABASE}"
client="$(command -v mariadb || command -v mysql)"
if said="$("$client" -h 127.0.0.1 -P "$1" -u "$user" -e 'SELECT 1' \${database:+"$database"} 2>&1)"; then echo yes; exit 0; fi
case "$said" in *1049*) echo no ;; *) echo "$said" >&2; exit 1 ;; esac`;

const PATIENCE: Seconds = 60;

/** Loads over the existing data: MySQL cannot rename a database, so the data is backed up first. */
export async function restoreMysql(task: RestoreTask): Promise<string> {
  const { at, host, container, content, say } = task;
  const shell = (script: string) => ["sh", "-c", script.trim(), "slipway-restore", String(at.backup.port ?? 3306)];
  const { code, stdout, stderr } = await host.docker.exec(container.id, shell(EXISTS), { deadline: Deadline.in(PATIENCE) });
  if (code !== 0) throw failed(task, new Error(stderr.trim() || `exit code ${code}`), "the database as it was");
  let before: string | undefined;
  if (stdout.trim() === "yes") {
    say("backing up what is there now");
    before = (await backUpBeforeRestore(at, host)).id;
  }
  const aside = before === undefined ? "there was no database before" : `what was there before is the backup ${before}`;
  try {
    // Now: a command that is killed from here on says nothing more.
    say(`loading it; ${aside}`);
    const loaded = await pipeToExec(
      await content(),
      await host.docker.spawn(container.id, shell(MYSQL_LOAD), { tty: false, input: true }),
      Deadline.in(at.backup.timeout),
    );
    if (loaded.code !== 0) throw new Error(`the client ended with code ${loaded.code}: ${loaded.stderr.trim()}`);
  } catch (thrown) {
    throw failed(task, thrown, `the database with a part of the backup; ${aside}`);
  }
  return aside;
}
