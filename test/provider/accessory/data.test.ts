import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { Accessory } from "../../support/accessory.ts";
import { addressOf } from "../../support/provider-run.ts";
import { AccessoryHost, DATA, VOLUME } from "./accessory-host.ts";

let on: AccessoryHost;
let lab: Lab;
let host: LabHost;
let images: AccessoryHost["images"];
let db: Accessory;

beforeAll(async () => {
  on = await AccessoryHost.create();
  ({ lab, host, images } = on);
});
afterAll(() => on?.[Symbol.asyncDispose]());

const sh = (script: string) => on.sh(script);
const inspect = (name: string) => on.inspect(name);
const names = () => on.names();
const writeRow = (volume?: string) => on.writeRow(volume);
const row = () => on.row();

describe("files and folders", () => {
  beforeAll(async () => {
    db = new Accessory(lab, host, { image: images.v1 });
  });
  afterAll(() => db[Symbol.asyncDispose]());

  const file = {
    path: "/etc/db/db.conf",
    mode: 0o640,
    owner: "7:8",
    template: true,
    content: "shared = ${SHARED}\n",
    encoding: "utf8",
  } as const;
  const inContainer = (path: string) => sh(`docker cp shop-db:${path} - | tar -xO`);

  it("are there before it starts, with owner, mode and values of the environment", async () => {
    const directories = [{ source: "conf", target: "/conf", mode: 0o700, owner: "70" }];
    await db.done({ env: { SHARED: "128MB" }, files: [file], directories });
    expect(await inContainer(file.path)).toBe("shared = 128MB");
    expect(await sh(`docker cp shop-db:${file.path} - | tar -tv --numeric-owner`)).toMatch(/^-rw-r----- 7\/8 /);
    expect(await sh("stat -c '%a %u' /root/shop-db/conf")).toBe("700 70");
    expect(db.state?.folder).toBe("/root/shop-db");
  });

  it("are a reason to replace it, by name", async () => {
    expect(await db.preview({ files: [{ ...file, content: "shared = 1\n" }] })).toContain("files ~/etc/db/db.conf");
    await db.done();
    expect(await inContainer(file.path)).toBe("shared = 1");
  });

  it("are refused when the image has no such account", async () => {
    const { error } = await db.refused({ files: [{ ...file, owner: "postgres" }] });
    expect(error).toContain("no account for the owner postgres of /etc/db/db.conf");
    expect((await names()).trim()).toBe("shop-db");
    await db.done({ files: [file] });
  });

  it("stay where they are when the accessory goes", async () => {
    const { said } = await db.withdraw();
    expect(said.join()).toContain("its data is kept: volume shop-db-data, folder /root/shop-db/conf");
    expect(await sh("ls -d /root/shop-db/conf")).toBe("/root/shop-db/conf");
    await db.done();
  });
});

describe("a user who has the rights of Docker and no others", () => {
  it("has folders with other owners, and keeps what it may not remove, which is reported", async () => {
    const directories = [{ source: "data", target: DATA, mode: 0o700, owner: "70:71" }];
    db = new Accessory(lab, host, { image: images.v1, host: addressOf(host, host.users.docker), directories });
    await db.done();
    expect(await sh("stat -c '%a %u %g' /home/deploy/shop-db/data")).toBe("700 70 71");
    expect(await db.preview()).toBe("");
    await db.done({ data: "delete" });
    const { said } = await db.withdraw();
    expect(said.join("\n")).toContain("kept: /home/deploy/shop-db/data: ");
    expect(said.join("\n")).not.toContain("was removed");
    expect(await names()).toBe("");
    await sh("rm -rf /home/deploy/shop-db");
  });
});

describe("its data", () => {
  beforeEach(async () => {
    db = new Accessory(lab, host, { image: images.v1 });
  });
  const cleared = () => sh("docker rm -fv $(docker ps -aq) 2>/dev/null; docker volume prune -af >/dev/null");

  it("stays when the accessory is removed, and is there when it comes back", async () => {
    await db.done();
    await writeRow();
    const { said } = await db.withdraw();
    expect(said).toEqual([`db on ${host.name}: removed; its data is kept: volume ${VOLUME}`]);
    expect(await names()).toBe("");
    expect(await sh("docker images --format '{{.Repository}}'")).not.toContain("/db");
    await db.done();
    expect(await row()).toBe("kept");
    await db[Symbol.asyncDispose]();
  });

  it("goes only when that was declared, and how much is said before", async () => {
    await db.done();
    await writeRow();
    expect(await db.preview({ data: "delete" })).toContain("data: delete: removing it also removes its data");
    const { said, changes } = await db.done();
    expect(changes).toEqual([]);
    expect(said.join()).toMatch(new RegExp(`removing it also removes \\d+ bytes of ${VOLUME}`));
    expect(db.state?.bytes?.[VOLUME]).toBeGreaterThan(0);
    expect((await db.withdraw()).said.join()).toContain("its data was removed (data: delete)");
    expect(await sh("docker volume ls -q")).toBe("");
  });

  it("is never passed over: what would begin empty is refused", async () => {
    await db.done();
    await writeRow();
    await db.withdraw();
    const { error } = await db.refused({ image: images.moved });
    expect(error).toContain(`db as declared would not see its data in ${VOLUME} and would start without it`);
    expect(await names()).toBe("");
    await cleared();
  });

  it("is taken over from Kamal, in the volume that has no name", async () => {
    await sh(`docker network create kamal 2>/dev/null || true`);
    const { username, password, server } = lab.registry;
    await sh(`echo ${password} | docker login -u ${username} --password-stdin ${server} 2>/dev/null`);
    await sh(
      `docker run -d --name shop-db --network kamal --restart unless-stopped --env MODE=old --label service=shop-db ${images.v1}`,
    );
    const anonymous = (await inspect("shop-db")).Mounts[0]?.Name ?? "";
    expect(anonymous).toMatch(/^[0-9a-f]{64}$/);
    await writeRow(anonymous);
    expect(await db.preview()).toContain("run ");
    const { said } = await db.done();
    expect(said.join("\n")).toContain(`the data of ${DATA} stays in ${anonymous}`);
    expect((await inspect("shop-db")).Mounts).toMatchObject([{ Name: anonymous, Destination: DATA }]);
    expect(await row()).toBe("kept");
    await sh("docker rm -f shop-db");
    await db.done();
    expect(await row()).toBe("kept");
    await sh(`docker logout ${server} >/dev/null`);
    await db[Symbol.asyncDispose]();
    await cleared();
  });

  it("belongs to someone else where the name does", async () => {
    await host.docker.createContainer({
      name: "shop-db",
      Image: await importedImage(),
      Cmd: ["x"],
      Labels: { "com.docker.compose.project": "wiki" },
    });
    const { error, changes } = await db.refused();
    expect(error).toContain("the name shop-db is taken by a container that is not ours");
    expect(error).toContain("belongs to the Compose project wiki");
    expect(changes).toEqual([]);
    await cleared();
  });
});

/** Something that a container can be made of. */
const importedImage = () => sh("tar -cf - -T /dev/null | docker import -");
