import { POSTGRES_LOGIN } from "../../../core/accessory/login.ts";
import { Deadline } from "../../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../../core/error.ts";
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

/**
 * With the properties of the old database, or the server's defaults if it is missing. What a restore left that lost its connection goes
 * first: no session needs it.
 */
const MAKE = `${CLIENT}
sql <<'SQL'
CREATE TEMPORARY VIEW lost AS SELECT datname FROM pg_database
WHERE left(datname, length(:'db') + 9) = :'db' || '_restore_' AND substr(datname, length(:'db') + 10) ~ '^[0-9]{8}_[0-9]{6}$';
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (SELECT datname FROM lost) \\g /dev/null
SELECT format('DROP DATABASE %I', datname) FROM lost \\gexec
SELECT coalesce(
  (SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L OWNER %I',
    :'new', pg_encoding_to_char(encoding), datcollate, datctype, pg_get_userbyid(datdba))
   FROM pg_database WHERE datname = :'db'),
  format('CREATE DATABASE %I TEMPLATE template0', :'new')) \\gexec
SQL
`;

const LOAD = `${CLIENT}
exec pg_restore -h 127.0.0.1 -p "$port" -U "$user" -w --exit-on-error -d "$new"`;

/**
 * The two databases swap names in one transaction: whether a process or the host is killed, it is done or not done, and no database is
 * closed meanwhile. The first renaming takes the lock that new connections to the database wait for, then waits 5 s for its sessions to
 * end; those are ended beside it until the name has changed. A second call, after the answer to the first was lost, waits for that one and
 * finds it done.
 *
 * No process is killed, nor outlives its parent: it would become a child of the server, which takes its end for a crash.
 */
const SWAP = `${CLIENT}
old="$(sql <<'SQL'
SELECT oid FROM pg_database WHERE datname = :'db' AND EXISTS (SELECT FROM pg_database WHERE datname = :'new');
SQL
)"
if [ -n "$old" ]; then
  sql >/dev/null <<SQL &
DO \\$do\\$
DECLARE was name := datname FROM pg_database WHERE oid = $old;
BEGIN
  FOR turn IN 1..60 LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid = $old;
    PERFORM pg_sleep(0.1);
    EXIT WHEN NOT EXISTS (SELECT FROM pg_database WHERE oid = $old AND datname = was);
  END LOOP;
END
\\$do\\$;
SQL
fi
sql <<'SQL'
SELECT pg_advisory_lock(hashtext('slipway backup restore')) \\g /dev/null
SELECT count(*) FILTER (WHERE datname = :'new') > 0 AS loaded, count(*) FILTER (WHERE datname = :'db') > 0 AS there
FROM pg_database \\gset
\\if :loaded
\\if :there
BEGIN;
ALTER DATABASE :"db" RENAME TO :"before";
ALTER DATABASE :"new" RENAME TO :"db";
ALTER DATABASE :"before" ALLOW_CONNECTIONS true;
COMMIT;
\\else
ALTER DATABASE :"new" RENAME TO :"db";
\\endif
\\endif
SELECT datname FROM pg_database WHERE datname = :'before';
SQL
code=$?
wait
exit "$code"`;

const DISCARD = `${CLIENT}
sql <<'SQL'
DROP DATABASE IF EXISTS :"new";
SQL
`;

/** Into a new database; only when all of it is there does it get the name of the old one, which keeps its data under another. */
export async function restorePostgres(task: RestoreTask): Promise<string> {
  const { at, host, container, lease, say } = task;
  try {
    await load(task);
  } catch (thrown) {
    throw failed(task, thrown, "the database as it was", await discard(task));
  }
  say("swapping the databases' names; sessions end");
  const swapped = lease.through(() => run(task, SWAP), {
    servesNow: `the database with the backup, or as it was: ${container.name} swaps two names at once, or not at all`,
    next: `check the network, then see on ${host.name} what is there (slipway accessory console ${at.name}); slipway backup restore ${at.name} again does no harm`,
  });
  const before = await swapped.catch(async (thrown: unknown) => {
    if (thrown instanceof SlipwayError) throw thrown;
    throw failed(task, thrown, "the database as it was", await discard(task));
  });
  return before === "" ? "there was no database before" : `what was there before is the database ${before.split("\n").at(-1)}`;
}

async function load(task: RestoreTask): Promise<void> {
  const { at, host, container, content, say } = task;
  await run(task, MAKE);
  say("loading it into a new database");
  const loading = await host.docker.spawn(container.id, shell(task, LOAD), { tty: false, input: true });
  const { code, stderr } = await pipeToExec(await content(), loading, Deadline.in(at.backup.timeout));
  if (code !== 0) throw new Error(`pg_restore ended with code ${code}: ${lastOf(stderr)}`);
}

/** @returns what went wrong with it */
const discard = (task: RestoreTask): Promise<string[]> =>
  run(task, DISCARD).then(
    () => [],
    (thrown: unknown) => [`the new database was not taken away, which the next restore does: ${messageOf(thrown)}`],
  );

async function run(task: RestoreTask, script: string): Promise<string> {
  const { docker } = task.host;
  const { code, stdout, stderr } = await docker.exec(task.container.id, shell(task, script), { deadline: Deadline.in(PATIENCE) });
  if (code !== 0) throw new Error(lastOf(stderr) || `exit code ${code}`);
  return stdout.trim();
}

const shell = ({ at, stamp }: RestoreTask, script: string): string[] => [
  "sh",
  "-c",
  script.trim(),
  "slipway-restore",
  String(at.backup.port ?? 5432),
  stamp,
];

const lastOf = (text: string): string => text.trim().split("\n").slice(-FEW).join("\n");
