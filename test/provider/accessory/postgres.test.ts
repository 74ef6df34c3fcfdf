import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PRESETS } from "../../../core/accessory/preset.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { postgresImage } from "../../../lab/postgres.ts";
import { Accessory } from "../../support/accessory.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { STRIDE } from "../../support/stride.ts";

let lab: Lab;
let host: LabHost;
let db: Accessory;
const images = { old: "", minor: "", major: "" };

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  const image = async (tag: string, major: "15" | "17") => (await postgresImage(lab.registry, { tag, major })).ref;
  images.old = await image("15.1", "15");
  images.minor = await image("15.2", "15");
  images.major = await image("17.1", "17");
  const { port, stopTimeout, ready } = PRESETS.postgres;
  db = new Accessory(lab, host, {
    image: images.old,
    preset: "postgres",
    containerPort: port,
    stopTimeout,
    bootTimeout: 60,
    ready: { by: "command", command: [...ready], interval: 0.25, timeout: 5 },
    env: { POSTGRES_USER: "app", POSTGRES_DB: "shop" },
    secretEnv: { POSTGRES_PASSWORD: "PASSWORD" },
    secrets: { PASSWORD: "s3cret-word" },
  });
  await db.done();
  await query("create table rows (n int); insert into rows select generate_series(1, 1000)");
});
afterAll(() => db?.[Symbol.asyncDispose]());

const sh = (script: string): Promise<string> => host.must(script).then((text) => text.trim());
const query = (text: string) => sh(`docker exec shop-db psql -U app shop -Atc "${text}"`);

describe("PostgreSQL as an accessory", { tags: "long" }, () => {
  it("has every row after kill -9 at any step of a replace, and the next run ends it", { tags: "long" }, async () => {
    const steps: number[] = [];
    for (let at = 0; ; at += STRIDE) {
      await query("insert into rows values (0)");
      const before = Number(await query("select count(*) from rows"));
      const isKilled = await db.killed(at, {
        image: images.minor,
        env: { POSTGRES_USER: "app", POSTGRES_DB: "shop", STEP: `${at}` },
      });
      expect((await sh("docker ps -q --filter label=slipway.accessory=db")).split("\n").length).toBeLessThan(2);
      await db.done();
      expect(Number(await query("select count(*) from rows"))).toBe(before);
      expect(await sh("docker ps -a --format '{{.Names}}'")).toBe("shop-db");
      expect(await sh("docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' shop-db")).toBe("unless-stopped");
      expect(await sh("docker exec shop-db printenv STEP")).toBe(`${at}`);
      if (!isKilled) break;
      steps.push(at);
    }
    expect(steps.length * STRIDE).toBeGreaterThan(6);
  });

  it("knows whose its data is when its container is gone", async () => {
    const rows = await query("select count(*) from rows");
    await sh("docker rm -f shop-db");
    const { error } = await db.refused({ image: images.major });
    expect(error).toContain("the data was written by postgres 15");
    await db.done({ image: images.minor });
    expect(await query("select count(*) from rows")).toBe(rows);
  });
});
