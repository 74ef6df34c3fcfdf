import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Accessory, type Wish } from "../../support/accessory.ts";
import { pulled as pull } from "../../support/images.ts";
import { AccessoryHost, DATA } from "./accessory-host.ts";

let at: AccessoryHost;
beforeAll(async () => {
  at = await AccessoryHost.create();
}, 900_000);
afterEach(() =>
  at.sh(
    "docker rm -fv $(docker ps -aq) 2>/dev/null; docker volume prune -af >/dev/null; rm -rf /root/shop-* /home/deploy/shop-*",
  ),
);
afterAll(() => at[Symbol.asyncDispose]());

const onVolume = { mounts: [{ source: "shop-data", target: DATA, readOnly: false }] };
const accessory = (wish: Wish = {}) => new Accessory(at.lab, at.host, { image: at.images.v1, ...wish });
const named = (name: string, wish: Wish = {}) => accessory({ accessory: name, container: `shop-${name}`, ...wish });
const running = () => at.sh("docker ps --format '{{.Names}}' | sort | tr '\\n' ' '");
/** As Kamal leaves it. */
const kamals = (options: string) => at.sh(`docker run -d --name shop-db --label service=shop-db ${options} ${at.images.v1}`);
const pulled = () => pull(at.lab, at.host, at.images.v1);

describe("a container of others that writes to the same data", () => {
  it.each([
    ["Kamal's database on the volume", "-v shop-data:/data", onVolume, "slipway:accessories.db.service: shop-db"],
    [
      "a folder above",
      "-v /srv/shop:/data",
      { directories: [{ source: "/srv/shop/data", target: DATA }] },
      "slipway:accessories.db.service: shop-db",
    ],
    ["a container of an unknown owner", "--label service= -v shop-data:/data", onVolume, "docker stop shop-db"],
  ])("is refused before anything is created: %s", async (_case, options, wish, next) => {
    await pulled();
    await kamals(options);
    const db = accessory({ destination: "lab", container: "shop-db-lab", ...wish });
    const { error, changes } = await db.refused();
    expect(error).toMatch(/db would write to \S+, and shop-db writes to it as well/);
    expect(error).toContain(next);
    expect(changes).toEqual([]);
    expect(await running()).toBe("shop-db");
  });

  it("is none when it only reads, or was stopped by hand", async () => {
    await pulled();
    await kamals("-v shop-data:/data:ro");
    await at.sh(`docker run -d --name stopped -v shop-data:/data ${at.images.v1} && docker stop stopped`);
    await accessory({ container: "shop-db-lab", ...onVolume }).done();
    expect(await running()).toBe("shop-db shop-db-lab");
  });
});

describe("an accessory that was renamed", () => {
  it("stops under its old name before it starts under the new one", async () => {
    const old = named("db", onVolume);
    await old.done();
    await at.writeRow("shop-data");
    const since = new Date();
    const renamed = named("pg", onVolume);
    expect((await renamed.done()).statuses).toContainEqual(expect.stringContaining("stop shop-db, which writes to shop-data"));
    const story = (await at.host.mutations(since)).map(({ action, name }) => `${action} ${name}`);
    expect(story.indexOf("die shop-db")).toBeGreaterThan(-1);
    expect(story.indexOf("die shop-db")).toBeLessThan(story.indexOf("start shop-pg-next"));
    await old.withdraw();
    expect(await running()).toBe("shop-pg");
    expect(await at.sh("cat $(docker volume inspect -f '{{.Mountpoint}}' shop-data)/row")).toBe("kept");
  });

  it("runs again under its old name when the new one fails", async () => {
    await named("db", onVolume).done();
    const { error } = await named("pg", { ...onVolume, image: at.images.broken }).refused();
    expect(error).toMatch(/serves now: .*shop-db again/);
    expect(await running()).toBe("shop-db");
    expect(await at.sh("docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' shop-db")).toBe("unless-stopped");
  });

  it("is refused while both are declared", async () => {
    await named("db", onVolume).done();
    const pg = named("pg", onVolume);
    pg.declared = async (claims) => [...claims];
    const { error, changes } = await pg.refused();
    expect(error).toContain("pg would write to shop-data, and shop-db writes to it as well");
    expect(changes).toEqual([]);
  });

  it("does not begin empty: its data is found, named, and taken when it is mounted", async () => {
    const old = named("db");
    await old.done();
    await at.writeRow();
    const pg = named("pg");
    const { error } = await pg.refused();
    expect(error).toContain("pg would start without data");
    expect(error).toContain(`shop-db-data: the accessory db of this stack`);
    expect(error).toContain(`slipway:accessories.pg.volumes: ["shop-db-data:${DATA}"]`);
    expect(await running()).toBe("shop-db");
    await pg.done({ mounts: [{ source: "shop-db-data", target: DATA, readOnly: false }] });
    await old.withdraw();
    expect(await at.sh("cat $(docker volume inspect -f '{{.Mountpoint}}' shop-db-data)/row")).toBe("kept");
  });

  it("does not begin empty either where another stack had it, once that one is adopted", async () => {
    await named("db", { stack: "blog/lab" }).done();
    await at.writeRow();
    const { error } = await named("pg", { adopt: ["blog/lab"] }).refused();
    expect(error).toContain("pg would start without data");
    expect(error).toContain("shop-db-data: the accessory db of blog/lab");
    expect(await running()).toBe("shop-db");
  });

  it("begins empty where that is declared, or where there was nothing", async () => {
    await named("db").done();
    await named("pg").done();
    await at.writeRow();
    await named("other", { startEmpty: true }).done();
    expect(await running()).toBe("shop-db shop-other shop-pg");
  });
});

describe("data that may be meant", () => {
  it("is that of Kamal's accessory, whose name has no destination", async () => {
    await pulled();
    await kamals("-v /root/shop-db/data:/data");
    const db = accessory({ destination: "lab", container: "shop-db-lab" });
    expect(await db.read()).toMatchObject({ state: { found: { kamals: "shop-db" } } });
    const { error } = await db.refused();
    expect(error).toContain("/root/shop-db/data: Kamal's shop-db");
    expect(error).toContain("slipway:accessories.db.service: shop-db");
  });

  it("is a folder in the home of another user", async () => {
    await at.sh("mkdir -p /home/deploy/shop-db/data && echo kept >/home/deploy/shop-db/data/row");
    const db = accessory({ directories: [{ source: "data", target: DATA }] });
    const { error } = await db.refused();
    expect(error).toContain("/home/deploy/shop-db/data: the home of another user");
    await db.done({ startEmpty: true });
  });

  it("is not an empty volume that a failed attempt left", async () => {
    await accessory({ image: at.images.broken }).refused();
    await accessory({ image: at.images.moved }).done();
    expect(await running()).toBe("shop-db");
  });
});
