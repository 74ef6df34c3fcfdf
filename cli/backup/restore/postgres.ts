import { POSTGRES_LOGIN } from "../../../core/accessory/login.ts";
import { Deadline } from "../../../core/deadline.ts";
import { messageOf } from "../../../core/error.ts";
import type { Seconds } from "../../../core/words.ts";
import { pipeToExec } from "../pipe-to-exec.ts";
import { failed, type RestoreTask } from "./task.ts";

const PATIENCE: Seconds = 120;
const FEW = 20;

/** For the container's own shell: $1 is the port, $2 the stamp. Names go to psql as variables, which it quotes itself. */
const CLIENT = `
port=$1 stamp=$2
${POSTGRES_LOGIN.trim()}
new="\${db}_restore_$stamp"
before="\${db}_before_$stamp"
other=postgres
if [ "$db" = postgres ]; then other=template1; fi
export PGPASSWORD="$POSTGRES_PASSWORD"
sql() {
  psql -h 127.0.0.1 -p "$port" -U "$user" -w -X -q -A -t -v ON_ERROR_STOP=1 \\
    -v "db=$db" -v "new=$new" -v "before=$before" -d "$other" -f -
}`;

/** With the properties of the old database, or the server's defaults if it is missing. */
const MAKE = `${CLIENT}
sql <<'SQL'
SELECT coalesce(
  (SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L OWNER %I',
    :'new', pg_encoding_to_char(encoding), datcollate, datctype, pg_get_userbyid(datdba))
   FROM pg_database WHERE datname = :'db'),
  format('CREATE DATABASE %I TEMPLATE template0', :'new')) \\gexec
SQL
`;

const LOAD = `${CLIENT}
exec pg_restore -h 127.0.0.1 -p "$port" -U "$user" -w --exit-on-error -d "$new"`;

/** New connections are refused, existing ones end, then the two databases swap names at once. */
const SWAP = `${CLIENT}
sql <<'SQL' && exit 0
SELECT count(*) > 0 AS there FROM pg_database WHERE datname = :'db' \\gset
\\if :there
ALTER DATABASE :"db" ALLOW_CONNECTIONS false;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'db' \\g /dev/null
BEGIN;
ALTER DATABASE :"db" RENAME TO :"before";
ALTER DATABASE :"new" RENAME TO :"db";
COMMIT;
ALTER DATABASE :"before" ALLOW_CONNECTIONS true;
SELECT :'before';
\\else
ALTER DATABASE :"new" RENAME TO :"db";
\\endif
SQL
sql <<'SQL'
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname) FROM pg_database WHERE datname = :'db' \\gexec
SQL
exit 1`;

const DISCARD = `${CLIENT}
sql <<'SQL'
DROP DATABASE IF EXISTS :"new";
SQL
`;

/** Into a new database; only when all of it is there does it get the name of the old one, which keeps its data under another. */
export async function restorePostgres(task: RestoreTask): Promise<string> {
  const { at, host, container, content, stamp, say } = task;
  const port = String(at.backup.port ?? 5432);
  const shell = (script: string) => ["sh", "-c", script.trim(), "slipway-restore", port, stamp];
  const run = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await host.docker.exec(container.id, shell(script), { deadline: Deadline.in(PATIENCE) });
    if (code !== 0) throw new Error(lastOf(stderr) || `exit code ${code}`);
    return stdout.trim();
  };
  const deadline = Deadline.in(at.backup.timeout);
  try {
    await run(MAKE);
    say("loading it into a new database");
    const loaded = await pipeToExec(
      await content(),
      await host.docker.spawn(container.id, shell(LOAD), { tty: false, input: true }),
      deadline,
    );
    if (loaded.code !== 0) throw new Error(`pg_restore ended with code ${loaded.code}: ${lastOf(loaded.stderr)}`);
    say("swapping the databases' names; sessions end");
    const before = (await run(SWAP)).split("\n").at(-1) ?? "";
    return before === "" ? "there was no database before" : `what was there before is the database ${before}`;
  } catch (thrown) {
    const left = await run(DISCARD).then(
      () => [],
      (still: unknown) => [`the new database was not taken away: ${messageOf(still)}`],
    );
    throw failed(task, thrown, "the database as it was", left);
  }
}

const lastOf = (text: string): string => text.trim().split("\n").slice(-FEW).join("\n");
