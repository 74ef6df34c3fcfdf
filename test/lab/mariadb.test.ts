// Of the lab itself.
// @module-tag long
import { afterEach, beforeAll, expect, it } from "vitest";
import { mariadbImage } from "../../lab/mariadb.ts";
import { DatabaseHost } from "../support/database-host.ts";

const PASSWORD = "it's a \\ right one";
const WRITE_SECRET = `echo ${Buffer.from(PASSWORD).toString("base64")} | base64 -d >/srv/init/secret`;
const SECRET = "-v /srv/init/secret:/run/password:ro -e MARIADB_ROOT_PASSWORD_FILE=/run/password";

let at: DatabaseHost;
beforeAll(async () => {
  at = await DatabaseHost.start();
}, 900_000);
afterEach(() => at.run("docker rm -f -v db; docker volume rm data; rm -rf /srv/init"));

const image = (tag: string, more = {}) => at.pulled(mariadbImage(at.lab.registry, { tag, ...more }));
const start = (options: string) => at.run(`docker run -d --network kamal --name db -v data:/var/lib/mysql ${options}`);
const sql = (question: string) => at.run(`docker exec -e "MYSQL_PWD=$(cat /srv/init/secret)" db mariadb -N -B -e "${question}"`);

it("initializes its data once, keeps it under a newer image, and stops gracefully", async () => {
  const [older, newer, broken] = [await image("11.1"), await image("11.2"), await image("11.3", { state: "broken" })];
  await at.run(`mkdir -p /srv/init; ${WRITE_SECRET}`);
  expect((await at.host.sh(`docker run --rm ${older} 2>&1`)).stdout).toContain("MARIADB_ROOT_PASSWORD");
  await start(`${SECRET} -e MYSQL_DATABASE=my_shop ${older}`);
  await at.ready("db", "mariadb");
  await sql("CREATE TABLE my_shop.orders SELECT 1 AS n");
  expect(await at.run("docker exec db stat -c %U /proc/1 /var/lib/mysql/my_shop")).toBe("mysql\nmysql");
  await at.run("docker stop -t 30 db");
  expect(await at.run("docker inspect -f '{{.State.ExitCode}}' db; docker logs db 2>&1")).toMatch(/^0\n[\s\S]*Shutdown complete/);
  await at.run("docker rm db");
  expect(await at.host.sh(`docker run --rm -v data:/var/lib/mysql ${broken} 2>&1`)).toMatchObject({
    code: 7,
    stdout: expect.stringContaining("unknown variable 'absent-setting=1'"),
  });
  await start(`${newer} --max-connections=77`); // no password: nothing is initialized
  await at.ready("db", "mariadb");
  expect(await sql("SELECT @@max_connections, (SELECT count(*) FROM my_shop.orders)")).toBe("77\t1");
});

it("listens on its socket alone while it runs its scripts; then its users log in over the network", async () => {
  const ref = await image("11.1");
  await at.run(`mkdir -p /srv/init/d; ${WRITE_SECRET}`);
  await at.run(
    "cd /srv/init/d; echo 'mariadb-admin -h 127.0.0.1 ping 2>&1 | tee /tmp/seen' >1.sh; echo 'CREATE TABLE first (n int)' >2.sql; echo 'INSERT INTO first VALUES (7)' | gzip >3.sql.gz",
  );
  const user = "-e MARIADB_DATABASE=shop -e MARIADB_USER=app -e MARIADB_PASSWORD=secret";
  await start(`${SECRET} ${user} -v /srv/init/d:/docker-entrypoint-initdb.d:ro ${ref}`);
  await at.ready("db", "mariadb");
  expect(await at.run("docker exec db cat /tmp/seen")).toContain("Can't connect");
  const from = (login: string) =>
    at.host.sh(`docker run --rm --network kamal ${ref} mariadb -h db ${login} -N -B -e 'SELECT n FROM shop.first' 2>&1`);
  expect(await from("-uapp -psecret")).toMatchObject({ code: 0, stdout: expect.stringContaining("7") });
  expect((await from("-uapp -pwrong")).stdout).toContain("Access denied");
  expect((await from("-uroot --skip-ssl-verify-server-cert")).stdout).toContain("Access denied");
});
