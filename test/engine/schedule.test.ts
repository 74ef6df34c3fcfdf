import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { nodeImage } from "../../lab/node.ts";
import { postgresImage } from "../../lab/postgres.ts";
import { LabStack } from "../../lab/stack.ts";
import { freshHosts, hostOf } from "../support/hosts.ts";
import { done, expectNothingToDo, update } from "../support/outcome.ts";
import { slipway } from "../support/slipway.ts";

describe("a stack with a database that is backed up, and a job", { tags: "long" }, () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let images: { old: string; newer: string };

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    const [node, old, newer] = await Promise.all([
      nodeImage(lab.registry, "24-slim"),
      postgresImage(lab.registry, { tag: "15.9", major: "15" }),
      postgresImage(lab.registry, { tag: "17.1" }),
    ]);
    images = { old: old.ref, newer: newer.ref };
    stack = await LabStack.create(
      lab,
      {
        image: (await lab.image("shop", "v1")).ref,
        servers: { web: { hosts: { [host.name]: host.address } } },
        env: urlOf("db"),
        proxy: { app_port: 3000, run: { registry: lab.registry.server } },
        schedule: { image: node.ref },
        jobs: { check: { schedule: "* * * * *", cmd: "/app check" } },
        accessories: { db: database(images.old) },
      },
      { "slipway:secrets.POSTGRES_PASSWORD": "p@ss/word 1" },
    );
  }, 900_000);
  afterAll(() => stack[Symbol.asyncDispose]());

  const urlOf = (name: string) => ({
    clear: {
      DATABASE_URL: `postgres://app:\${accessories.${name}.secret.POSTGRES_PASSWORD}@\${accessories.${name}.host}:5432/shop`,
    },
  });
  const database = (image: string) => ({
    image,
    host: host.name,
    env: { clear: { POSTGRES_USER: "app", POSTGRES_DB: "shop" }, secret: ["POSTGRES_PASSWORD"] },
    backup: {
      schedule: "17 3 * * *",
      to: { directory: "/srv/shop/backups" },
      drill: "SELECT count(*) > 0 FROM pg_tables",
    },
  });
  const ran = async (script: string): Promise<string> => (await host.must(script)).trim();
  const sql = (question: string, of = "db") => ran(`docker exec shop-${of}-${stack.name} psql -U app -d shop -Atc "${question}"`);

  it("is made by one run, and a second one has nothing to do", async () => {
    const { output } = await done(stack.up());
    expect(output).toContain("backup db: 17 3 * * * UTC");
    expect(await ran(`docker inspect -f '{{.State.Running}}' shop-schedule-${stack.name}`)).toBe("true");
    await expectNothingToDo(stack);
  });

  it("is backed up, restored and drilled by commands that know the stack alone", async () => {
    await sql("CREATE TABLE marks AS SELECT generate_series(1, 1000) AS n");
    const backup = await slipway(stack, "backup run", "db");
    expect(backup.code, backup.stderr).toBe(0);
    await sql("DROP TABLE marks");
    const restored = await slipway(stack, "backup restore", "db", "--yes");
    expect(restored.code, restored.stderr).toBe(0);
    expect(await sql("SELECT count(*) FROM marks")).toBe("1000");
    const drilled = await slipway(stack, "backup drill", "db");
    expect(drilled.code, drilled.stderr).toBe(0);
    expect(drilled.stdout).toMatch(/ {2}t$/m);
    const { stdout } = await slipway(stack, "backup list", "db");
    expect(stdout).toMatch(/^db in \/srv\/shop\/backups\/shop-db-\S+\n\d{8}-\d{6}-\d{3} .* drilled$/m);
  });

  it("has its job switched with the release", async () => {
    const image = async () => ran(`docker inspect -f '{{.Config.Image}}' shop-job-check-${stack.name}`);
    const before = await image();
    await stack.configure({ image: (await lab.image("shop", "v2")).ref });
    await done(update(stack));
    expect(await image()).not.toBe(before);
    expect(await image()).toBe(await ran("docker inspect -f '{{.Config.Image}}' $(docker ps -q --filter label=role=web)"));
    await expectNothingToDo(stack);
  });

  it("goes to another major version through a backup, into a database beside it", { tags: "long" }, async () => {
    await stack.configure({ accessories: { db: database(images.old), next: database(images.newer) } });
    await done(update(stack));
    const restored = await slipway(stack, "backup restore", "db", "--into", "next", "--yes");
    expect(restored.code, restored.stderr).toBe(0);
    expect(await sql("SELECT count(*) FROM marks", "next")).toBe("1000");
    await stack.configure({ accessories: { next: database(images.newer) }, env: urlOf("next") });
    const { output } = await done(update(stack));
    expect(output).toContain(`shop-db-${stack.name}-var-lib-postgresql-data`);
    expect(await sql("SHOW server_version", "next")).toMatch(/^17/);
    expect(await ran("docker ps --all --format '{{.Names}}'")).not.toContain(`shop-db-${stack.name}`);
    await expectNothingToDo(stack);
  });

  it("leaves its backups behind when it is destroyed, and nothing that runs", async () => {
    await done(stack.destroy());
    expect(await ran("docker ps -aq")).toBe("");
    expect(await ran(`ls /srv/shop/backups/shop-db-${stack.name} | wc -l`)).toBe("2");
  });
});
