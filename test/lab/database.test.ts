// Of the lab itself.
// @module-tag long
import { text } from "node:stream/consumers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { PRESETS, type PresetName } from "../../core/accessory/preset.ts";
import { Deadline } from "../../core/deadline.ts";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { nodeImage } from "../../lab/node.ts";
import { postgresImage } from "../../lab/postgres.ts";
import { redisImage, valkeyImage } from "../../lab/redis.ts";
import { startS3 } from "../../lab/s3.ts";
import { pulled } from "../support/images.ts";

const NAME = hostFor("db-lab");
const PASSWORD = "a right one";
let lab: Lab;
let host: LabHost;

beforeAll(async () => {
  lab = await startLab({ hosts: [NAME] });
  host = lab.host(NAME);
  await host.reset();
  await host.must("docker network create shop");
}, 600_000);

beforeEach(() =>
  host.must("docker ps -aq | xargs -r docker rm -f -v; docker volume ls -q | xargs -r docker volume rm; rm -rf /srv/init"),
);

/** Brings an image to the host and gives what to run. */
async function here(image: Promise<{ readonly ref: string }>): Promise<string> {
  const { ref } = await image;
  await pulled(lab, host, ref);
  return ref;
}

/** What a command says in a running container. */
async function inside(
  container: string,
  ...argv: readonly string[]
): Promise<{ readonly code: number | null; readonly said: string }> {
  const exec = await host.docker
    .getContainer(container)
    .exec({ Cmd: [...argv], Tty: true, AttachStdout: true, AttachStderr: true });
  const said = await text(await exec.start({ Tty: true }));
  return { code: (await exec.inspect()).ExitCode, said: said.trim() };
}

const logsOf = async (container: string) => host.must(`docker logs ${container} 2>&1`);

/** Waits as an accessory of that preset is waited for. */
async function ready(container: string, preset: PresetName): Promise<void> {
  const look = async () => ((await inside(container, ...PRESETS[preset].ready)).code === 0 ? true : undefined);
  await Deadline.in(30)
    .until(look, () => new Error(`${container} is not ready`))
    .catch(async (late: unknown) => {
      throw new Error(`${late}\n${await logsOf(container)}`);
    });
}

const postgres = (more: string, command = "") =>
  host.must(`docker run -d --network shop --name db -v data:/var/lib/postgresql/data ${more} ${command}`);
const withPassword = `-e 'POSTGRES_PASSWORD=${PASSWORD}' -e POSTGRES_USER=app -e POSTGRES_DB=shop`;
const ask = (question: string) => inside("db", "psql", "-U", "app", "-d", "shop", "-P", "pager=off", "-Atc", question);
/** Asks over the network, as the app does. */
const from = (image: string, password: string, question: string) =>
  host.sh(
    `docker run --rm --network shop -e 'PGPASSWORD=${password}' ${image} psql -h db -U app -d shop -Atc '${question}' 2>&1`,
  );

describe("PostgreSQL", () => {
  it("makes its database once, keeps it under a newer image, and stops gracefully", async () => {
    const [older, newer] = [
      await here(postgresImage(lab.registry, { tag: "17.1" })),
      await here(postgresImage(lab.registry, { tag: "17.2" })),
    ];
    await postgres(`${withPassword} ${older}`);
    await ready("db", "postgres");
    expect(await ask("CREATE TABLE orders AS SELECT generate_series(1, 1000)")).toMatchObject({ code: 0 });
    expect((await inside("db", "stat", "-c", "%U %a", "/var/lib/postgresql/data")).said).toBe("postgres 700");
    expect((await inside("db", "stat", "-c", "%U", "/proc/1")).said).toBe("postgres");

    await host.must("docker stop -t 30 db");
    expect(await host.must("docker inspect -f '{{.State.ExitCode}}' db")).toBe("0\n");
    expect(await logsOf("db")).toContain("received fast shutdown request");

    await host.must("docker rm db");
    await postgres(`${newer}`); // no password: nothing is made any more
    await ready("db", "postgres");
    expect((await ask("SELECT count(*) FROM orders")).said).toBe("1000");
    expect(await logsOf("db")).not.toContain("initdb");
    const digests = [older, newer].map((ref) => host.docker.getImage(ref).inspect());
    expect(new Set((await Promise.all(digests)).map(({ Id }) => Id)).size).toBe(2);
  });

  it("asks everybody who comes over the network for the password", async () => {
    const image = await here(postgresImage(lab.registry, { tag: "17.1" }));
    await postgres(`${withPassword} ${image}`);
    await ready("db", "postgres");
    expect(await from(image, PASSWORD, "SELECT 42")).toMatchObject({ code: 0, stdout: "42\n" });
    expect(await from(image, "a wrong one", "SELECT 42")).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("password authentication failed"),
    });
  });

  it("listens on its socket alone while it is made, and runs the scripts of its folder then", async () => {
    const image = await here(postgresImage(lab.registry, { tag: "17.1" }));
    const listening =
      "pg_isready -q -h 127.0.0.1 || echo tcp $? >>/tmp/seen; pg_isready -q -h /run/postgresql && echo socket $? >>/tmp/seen";
    await host.must(
      `mkdir -p /srv/init; cd /srv/init; echo '${listening}' >1.sh; echo 'CREATE TABLE first (n int)' >2.sql; echo 'INSERT INTO first VALUES (7)' | gzip >3.sql.gz`,
    );
    await postgres(`-v /srv/init:/docker-entrypoint-initdb.d:ro ${withPassword} ${image}`);
    await ready("db", "postgres");
    expect((await inside("db", "cat", "/tmp/seen")).said.split(/\s+/)).toEqual(["tcp", "2", "socket", "0"]);
    expect((await ask("SELECT n FROM first")).said).toBe("7");
  });

  it("takes settings as arguments, and a password from a file", async () => {
    const image = await here(postgresImage(lab.registry, { tag: "17.1" }));
    await host.must(`mkdir -p /srv/init; echo '${PASSWORD}' >/srv/init/password`);
    const file =
      "-v /srv/init:/run/secrets:ro -e POSTGRES_PASSWORD_FILE=/run/secrets/password -e POSTGRES_USER=app -e POSTGRES_DB=shop";
    await postgres(`${file} ${image}`, "-c shared_buffers=16MB");
    await ready("db", "postgres");
    expect((await ask("SHOW shared_buffers")).said).toBe("16MB");
    expect(await from(image, PASSWORD, "SELECT 1")).toMatchObject({ code: 0 });
  });

  it("does not start without a password, nor when it is broken", async () => {
    const image = await here(postgresImage(lab.registry, { tag: "17.1" }));
    const broken = await here(postgresImage(lab.registry, { tag: "17.3", state: "broken" }));
    const bare = await host.sh(`docker run --rm ${image} 2>&1`);
    expect(bare).toMatchObject({ code: 1, stdout: expect.stringContaining("POSTGRES_PASSWORD") });

    await postgres(`${withPassword} ${image}`);
    await ready("db", "postgres");
    await host.must("docker stop db; docker rm db");
    const complaint = await host.sh(`docker run --rm -v data:/var/lib/postgresql/data ${broken} 2>&1`);
    expect(complaint).toMatchObject({ code: 1, stdout: expect.stringContaining('could not access file "pg_absent"') });
  });
});

const Rows = z.object({
  acknowledged: z.number(),
  stored: z.number(),
  total: z.number(),
  longestGapMs: z.number(),
  errors: z.number(),
});

describe("the app beside a database", () => {
  const url = () => `http://${host.address}:3000`;
  const rows = async (method = "GET") => Rows.parse(await (await fetch(`${url()}/rows`, { method })).json());
  /** Only what the database itself counted: an answer without it (503) has no stored rows. */
  const counted = async () => {
    const answer = await fetch(`${url()}/rows`);
    return answer.ok ? Rows.parse(await answer.json()) : undefined;
  };
  const writes = (over: number) =>
    Deadline.in(20).until(
      async () => {
        const now = await counted().catch(() => undefined);
        return now !== undefined && now.acknowledged > over ? now : undefined;
      },
      () => new Error(`no more than ${over} rows`),
    );

  it("writes, reports what it wrote, continues after a kill, and notices what was lost", async () => {
    const image = await here(postgresImage(lab.registry, { tag: "17.1" }));
    const { ref } = await lab.image("shop", "writes");
    await pulled(lab, host, ref);
    await postgres(`${withPassword} ${image}`);
    await ready("db", "postgres");
    const address = `-e 'DATABASE_URL=postgres://app:${encodeURIComponent(PASSWORD)}@db:5432/shop'`;
    await host.must(`docker run -d --name app --network shop -p 3000:3000 ${address} ${ref}`);
    await host.must(`docker run -d --name worker --network shop ${address} ${ref} /app worker`);
    const first = await writes(20);
    expect(first).toMatchObject({ stored: expect.any(Number), errors: 0 });
    expect(first.stored).toBe(first.acknowledged);
    expect(first.total).toBeGreaterThan(first.stored);

    await host.must("docker kill db");
    const noticed = async () => ((await rows()).errors > 0 ? true : undefined);
    await Deadline.in(10).until(noticed, () => new Error("the app did not notice the killed database"));
    await host.must("docker start db");
    const second = await writes(first.acknowledged + 5);
    expect(second.stored).toBe(second.acknowledged);
    expect(second.errors).toBeGreaterThan(0);
    expect(second.longestGapMs).toBeGreaterThan(first.longestGapMs);
    await rows("POST");
    expect(await rows()).toMatchObject({ errors: 0 });

    const { acknowledged } = await rows();
    await ask(`DELETE FROM lab_rows WHERE number <= ${acknowledged - 5}`);
    const third = await rows();
    expect(third.stored).toBeLessThan(third.acknowledged);
  });

  it("counts in Redis", async () => {
    const image = await here(redisImage(lab.registry, { tag: "8.1" }));
    const { ref } = await lab.image("shop", "counts");
    await pulled(lab, host, ref);
    await host.must(`docker run -d --network shop --name cache ${image} redis-server --requirepass 'p ss'`);
    await ready("cache", "redis");
    await host.must(`docker run -d --name app --network shop -p 3000:3000 -e REDIS_URL=redis://:p%20ss@cache:6379 ${ref}`);
    const count = () =>
      Deadline.in(5).until(
        () =>
          fetch(`${url()}/redis`).then(
            (answer) => answer.text(),
            () => undefined,
          ),
        () => new Error("no answer"),
      );
    expect([await count(), await count()]).toEqual(["1", "2"]);
  });

  it("ends at boot without the database that it requires", async () => {
    const { ref } = await lab.image("shop", "requires", {
      DATABASE_REQUIRED: "1",
      DATABASE_URL: "postgres://app@127.0.0.1:1/shop",
    });
    await pulled(lab, host, ref);
    expect(await host.sh(`docker run --rm ${ref}`)).toMatchObject({ code: 1, stderr: expect.stringContaining("refused") });
  });
});

describe.each([
  { preset: "redis", made: redisImage },
  { preset: "valkey", made: valkeyImage },
] as const)("$preset", ({ preset, made }) => {
  const run = (image: string, command = "") =>
    host.must(`docker run -d --network shop --name cache -v kept:/data ${image} ${command}`);
  const client = (...words: string[]) => inside("cache", `${preset}-cli`, ...words);

  it("keeps its data over a graceful stop, as its own user", async () => {
    const image = await here(made(lab.registry, { tag: "8.1" }));
    await run(image);
    await ready("cache", preset);
    await client("SET", "greeting", "hello");
    expect((await inside("cache", "stat", "-c", "%U", "/proc/1")).said).toBe(preset);
    await host.must("docker stop cache");
    expect(await logsOf("cache")).toContain("User requested shutdown");
    await host.must("docker rm cache");
    await run(image, "--maxmemory 64mb");
    await ready("cache", preset);
    expect((await client("GET", "greeting")).said).toBe('"hello"');
    expect((await client("CONFIG", "GET", "maxmemory")).said).toContain("67108864");
  });

  it("answers other containers, and asks for the password that it was given", async () => {
    const image = await here(made(lab.registry, { tag: "8.1" }));
    await run(image);
    await ready("cache", preset);
    const other = () => host.sh(`docker run --rm --network shop ${image} ${preset}-cli -h cache PING`);
    expect(await other()).toMatchObject({ stdout: "PONG\n" });
    await host.must("docker rm -f cache");
    await run(image, `${preset}-server --requirepass secret`);
    await ready("cache", preset);
    expect((await other()).stdout).toContain("NOAUTH");
  });

  it("complains and ends when it is broken", async () => {
    const broken = await here(made(lab.registry, { tag: "8.2", state: "broken" }));
    expect(await host.sh(`docker run --rm ${broken} 2>&1`)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("absent.so"),
    });
  });
});

describe("Node", () => {
  it("runs TypeScript that was copied in, and has the tools that scripts need", async () => {
    const image = await here(nodeImage(lab.registry, "24-slim"));
    await host.must("mkdir -p /srv/init; echo 'const n: number = 42; console.log(n)' >/srv/init/a.ts");
    expect(await host.must(`docker run --rm -v /srv/init:/x:ro ${image} /x/a.ts`)).toBe("42\n");
    const tools =
      "mkfifo /tmp/pipe && (echo through >/tmp/pipe & cat /tmp/pipe) && tar -c /etc/passwd 2>/dev/null | gzip | gzip -dc | tar -t";
    expect(await host.must(`docker run --rm ${image} sh -c '${tools}'`)).toBe("through\netc/passwd\n");
  });

  it("reaches the lab's object store, whose certificate it trusts", async () => {
    const [image, { endpoint }] = [await here(nodeImage(lab.registry, "24-slim")), await startS3()];
    const asks = `fetch("${endpoint}/health").then((answer) => console.log(answer.status))`;
    expect(await host.must(`docker run --rm ${image} -e '${asks}'`)).toBe("200\n");
  });
});
