import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import { ProxyInputs } from "../../../providers/proxy/inputs.ts";
import { proxyProvider } from "../../../providers/proxy/provider.ts";
import { Accessory, Death, type Wish } from "../../support/accessory.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { addressOf, ProviderRun } from "../../support/provider-run.ts";
import { ROUTE } from "../../unit/providers/release/fixture.ts";

const DATA = "/data";
const VOLUME = "shop-db-data";

let lab: Lab;
let host: LabHost;
let db: Accessory;
const images = { v1: "", v2: "", broken: "", sick: "", moved: "" };

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  const image = async (tag: string, switches = {}, volume = DATA) =>
    (await lab.image("db", tag, switches, { volumes: [volume] })).ref;
  images.v1 = await image("v1");
  images.v2 = await image("v2");
  images.broken = await image("broken", { EXIT_AT_BOOT: "3" });
  images.sick = await image("sick", { UNHEALTHY: "1" });
  images.moved = await image("moved", {}, "/elsewhere");
});
afterAll(async () => {
  await host?.must("docker rm -fv $(docker ps -aq) 2>/dev/null; docker volume prune -af >/dev/null");
});

const sh = (script: string): Promise<string> => host.must(script).then((text) => text.trim());
const inspect = (name: string) => host.docker.getContainer(name).inspect();
const names = (): Promise<string> => sh("docker ps -a --format '{{.Names}}' | sort | tr '\\n' ' '");
/** The version of the image that runs. */
const versionAt = async (name = "shop-db"): Promise<string> => {
  const { State, Config } = await inspect(name);
  return State.Running ? (Config.Env.find((entry) => entry.startsWith("VERSION=")) ?? "").slice("VERSION=".length) : "nothing";
};
/** Writes into a volume as its server would. */
const writeRow = (volume = VOLUME) => sh(`echo kept >$(docker volume inspect -f '{{.Mountpoint}}' ${volume})/row`);
const row = async (name = "shop-db"): Promise<string> => {
  const source = (await inspect(name)).Mounts.find(({ Destination }) => Destination === DATA)?.Source;
  return sh(`cat ${source}/row`);
};

describe("an accessory that comes up", () => {
  beforeAll(async () => {
    db = new Accessory(lab, host, {
      image: images.v1,
      env: { SHARED: "128MB" },
      secretEnv: { PASSWORD: "DB_PASSWORD" },
      secrets: { DB_PASSWORD: "s3cret-word" },
    });
  });
  afterAll(() => db[Symbol.asyncDispose]());

  it("runs, with a name for its data", async () => {
    expect(await db.preview()).toContain(`run ${images.v1}`);
    await db.done();
    expect((await names()).trim()).toBe("shop-db");
    const { Config, HostConfig, Mounts } = await inspect("shop-db");
    expect(Config.Hostname).toBe("shop-db");
    expect(Config.Image).toBe(`${images.v1.replace(/:v1$/, "")}@${db.state?.digest}`);
    expect(Config.Labels).toMatchObject({ service: "shop-db", "slipway.accessory": "db", "slipway.image": images.v1 });
    expect(Config.Env).toEqual(expect.arrayContaining(["SHARED=128MB", "PASSWORD=s3cret-word"]));
    expect(HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
    expect(Object.keys(HostConfig.PortBindings ?? {})).toEqual([]);
    expect(Mounts).toMatchObject([{ Type: "volume", Name: VOLUME, Destination: DATA }]);
    expect((await host.docker.getVolume(VOLUME).inspect()).Labels).toMatchObject({
      "slipway.accessory": "db",
      service: "shop-db",
    });
    await writeRow();
  });

  it("is left alone when nothing has changed", async () => {
    const { Id } = await inspect("shop-db");
    expect(await db.preview()).toBe("");
    expect((await db.done()).changes).toEqual([]);
    expect((await inspect("shop-db")).Id).toBe(Id);
  });

  it("is replaced in place when its environment changes, with its data, and the gap is told", async () => {
    const { Id } = await inspect("shop-db");
    expect(await db.preview({ env: { SHARED: "256MB" } })).toMatch(/replace in place, gap about 3 s: env ~SHARED/);
    const { said } = await db.done();
    expect(said[0]).toMatch(/^db on \S+: replaced, gap \d+(\.\d)? s \(planned about 3 s\)$/);
    expect((await inspect("shop-db")).Id).not.toBe(Id);
    expect((await names()).trim()).toBe("shop-db");
    expect((await inspect("shop-db")).Config.Env).toContain("SHARED=256MB");
    expect(await row()).toBe("kept");
    expect(await db.preview()).toBe("");
  });

  it("plans with the gap that it has measured", async () => {
    expect(db.state?.gap).toBeGreaterThan(0);
    expect(await db.preview({ env: { SHARED: "128MB" } })).toContain(`gap about ${db.state?.gap} s`);
    await db.done();
  });

  it("gets another limit without a restart, and back", async () => {
    const { Id, State } = await inspect("shop-db");
    const { options } = db.inputs();
    expect(await db.preview({ options: { ...options, memory: 64 * 1024 * 1024, cpus: 0.5 } })).toContain("no gap");
    await db.done();
    const limited = await inspect("shop-db");
    expect([limited.Id, limited.State.StartedAt, limited.HostConfig.Memory]).toEqual([Id, State.StartedAt, 64 * 1024 * 1024]);
    expect(await db.preview()).toBe("");
    await db.done({ options });
    expect((await inspect("shop-db")).Id).toBe(Id);
    expect(await db.preview()).toBe("");
  });

  it("mends edited limits without a restart", async () => {
    const { Id } = await inspect("shop-db");
    await sh("docker update --restart no --memory 32m --memory-swap 64m shop-db");
    expect(await db.preview()).toContain("restart no → unless-stopped, memory 32 MB → no limit, without a restart");
    await db.done();
    const { Id: now, HostConfig } = await inspect("shop-db");
    expect([now, HostConfig.RestartPolicy?.Name]).toEqual([Id, "unless-stopped"]);
    expect(await db.preview()).toBe("");
  });

  it("is started again when somebody stopped it", async () => {
    await sh("docker stop -t 1 shop-db");
    const reading = await db.read();
    expect(reading).toMatchObject({ found: "drift", inputs: { status: expect.stringMatching(/^stopped with code/) } });
    expect(await db.preview()).toContain("(drift)   was down");
    await db.done();
    expect(await versionAt()).toBe("v1");
    expect(await row()).toBe("kept");
  });

  it("runs again with its data and the same digest when somebody removed it", async () => {
    const { digest } = db.state ?? {};
    await sh("docker rm -f shop-db");
    expect(await db.preview()).toContain("found missing (drift)");
    await db.done();
    expect(db.state?.digest).toBe(digest);
    expect(await row()).toBe("kept");
  });

  it("goes to another image, which takes the old one's place on the disk, too", async () => {
    const old = (await inspect("shop-db")).Image;
    await db.done({ image: images.v2 });
    expect(await versionAt()).toBe("v2");
    expect(await row()).toBe("kept");
    expect(await sh("docker images -q --no-trunc")).not.toContain(old);
  });

  it("is not touched when its tag moves in the registry", async () => {
    await lab.image("db", "v2", { VERSION: "v2 again" }, { volumes: [DATA] });
    expect(await db.preview()).toBe("");
    await db.done({ env: { SHARED: "1GB" } });
    expect(await versionAt()).toBe("v2");
    await lab.image("db", "v2", {}, { volumes: [DATA] });
  });

  it("serves again when the new image exits at boot, and the last words of that are told", async () => {
    const { Id } = await inspect("shop-db");
    const { error } = await db.refused({ image: images.broken });
    expect(error).toMatch(/db: \S+:broken did not take the place of shop-db \(\S+:v2\): the container exited with code 3/);
    expect(error).toContain("fatal: connection refused");
    expect(error).toMatch(/serves now: shop-db \(\S+:v2\) again, after a gap of \d/);
    const old = await inspect("shop-db");
    expect([old.Id, old.State.Running, old.HostConfig.RestartPolicy?.Name]).toEqual([Id, true, "unless-stopped"]);
    expect((await names()).trim()).toBe("shop-db");
    expect(await row()).toBe("kept");
  });

  it("serves again when the new one does not become healthy", async () => {
    const { Id } = await inspect("shop-db");
    const { error } = await db.refused({ image: images.sick, bootTimeout: 1 });
    expect(error).toContain("the container did not become healthy within 1 s");
    expect(error).toContain("/up on port 3000: 503");
    expect((await inspect("shop-db")).Id).toBe(Id);
    expect(await db.preview({ image: images.v2, bootTimeout: 5 })).toBe("");
  });

  it("is not stopped for an image that cannot be had", async () => {
    const { State } = await inspect("shop-db");
    const { error, changes } = await db.refused({ image: images.v2.replace(/:v2$/, ":nowhere") });
    expect(error).toMatch(/the image \S+:nowhere of db could not be pulled/);
    expect(error).toContain("untouched");
    expect([changes, (await inspect("shop-db")).State.StartedAt]).toEqual([[], State.StartedAt]);
  });

  it("is not stopped for an image that would not see its data", async () => {
    const { State } = await inspect("shop-db");
    const { error } = await db.refused({ image: images.moved });
    expect(error).toContain(`would not see its data in ${VOLUME}`);
    expect((await inspect("shop-db")).State.StartedAt).toBe(State.StartedAt);
    await db.done({ image: images.v2 });
  });

  it("is proved by its port, where that is declared; the check itself needs no gap", async () => {
    expect((await db.done({ ready: { by: "tcp", port: 3000, timeout: 1 } })).changes).toEqual([]);
    await db.done({ env: { SHARED: "2GB" } });
    const { error } = await db.refused({ ready: { by: "tcp", port: 9, timeout: 1 }, env: { SHARED: "3GB" }, bootTimeout: 1 });
    expect(error).toMatch(/port 9: connection refused × \d/);
    expect(error).toContain("again, after a gap of");
    await db.done({ ready: { by: "http", port: 3000, path: "/up", timeout: 2 }, env: { SHARED: "2GB" }, bootTimeout: 5 });
  });

  it("never tells a secret", async () => {
    const { said, statuses, error } = await db.refused({
      image: images.broken,
      secrets: { DB_PASSWORD: "0ther-word" },
      secretsFingerprint: "1",
    });
    expect([...said, ...statuses, error].join("\n")).not.toMatch(/s3cret-word|0ther-word/);
    await db.done({ image: images.v2, secrets: { DB_PASSWORD: "s3cret-word" }, secretsFingerprint: "" });
  });
});

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
  it("has folders with other owners, and keeps what it may not remove, which is told", async () => {
    const directories = [{ source: "data", target: DATA, mode: 0o700, owner: "70:71" }];
    db = new Accessory(lab, host, { image: images.v1, host: addressOf(host, host.users.docker), directories });
    await db.done();
    expect(await sh("stat -c '%a %u %g' /home/deploy/shop-db/data")).toBe("700 70 71");
    expect(await db.preview()).toBe("");
    await db.done({ data: "delete" });
    const { said } = await db.withdraw();
    expect(said.join("\n")).toContain("stays: /home/deploy/shop-db/data: ");
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
    expect(said.join()).toMatch(new RegExp(`this goes with it: \\d+ bytes of ${VOLUME}`));
    expect(db.state?.bytes?.[VOLUME]).toBeGreaterThan(0);
    expect((await db.withdraw()).said.join()).toContain("its data was removed (data: delete)");
    expect(await sh("docker volume ls -q")).toBe("");
  });

  it("is never passed over: what would begin empty is refused", async () => {
    await db.done();
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
    await sh(`docker run -d --name shop-db --network kamal --restart unless-stopped --label service=shop-db ${images.v1}`);
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

  it("belongs to somebody else where the name does", async () => {
    await host.docker.createContainer({
      name: "shop-db",
      Image: await importedImage(),
      Cmd: ["x"],
      Labels: { "com.docker.compose.project": "wiki" },
    });
    const { error, changes } = await db.refused();
    expect(error).toContain("the name shop-db is taken by a container that is not ours");
    expect(error).toContain("of the Compose project wiki");
    expect(changes).toEqual([]);
    await cleared();
  });
});

/** Something that a container can be made of. */
const importedImage = () => sh("tar -cf - -T /dev/null | docker import -");

describe("a run that is killed", () => {
  const env = { A: "1" };
  const files = [{ path: "/x", mode: 0o644, template: false, content: "x", encoding: "utf8" }] as const;

  beforeAll(async () => {
    db = new Accessory(lab, host, { image: images.v1, env, files: [...files] });
    await db.done();
    await writeRow();
  });
  afterAll(() => db[Symbol.asyncDispose]());

  /** Whether the run came to its end before that change. */
  const killedAt = async (at: number, wish: Wish): Promise<boolean> => {
    const { around } = db;
    const death = new Death(at);
    db.around = death.around;
    await db.up(wish).catch(() => {});
    db.around = around;
    const running = await sh("docker ps -q --filter label=slipway.accessory=db");
    expect(running.split("\n").length).toBeLessThan(2);
    return !death.struck;
  };
  const expectWhole = async (version: string): Promise<void> => {
    expect(await versionAt()).toBe(version);
    expect(await row()).toBe("kept");
    expect((await names()).trim()).toBe("shop-db");
    expect((await inspect("shop-db")).HostConfig.RestartPolicy?.Name).toBe("unless-stopped");
    expect(await db.preview()).toBe("");
  };
  const LONG = 30;

  it("at any step of a replace: the next one ends it, with all data", async () => {
    for (let at = 0; at < LONG; at += 1) {
      const version = at % 2 === 0 ? "v2" : "v1";
      const isOver = await killedAt(at, { image: images[version] });
      await db.done();
      await expectWhole(version);
      if (!isOver) continue;
      expect(at).toBeGreaterThan(7);
      return;
    }
    throw new Error("it never came to its end");
  });

  it("at any step of the way back from a broken image: the next one serves, with all data", async () => {
    const { image } = db.inputs();
    for (let at = 0; at < LONG; at += 1) {
      const isOver = await killedAt(at, { image: images.broken });
      await db.done({ image });
      await expectWhole(image === images.v1 ? "v1" : "v2");
      if (!isOver) continue;
      expect(at).toBeGreaterThan(7);
      return;
    }
    throw new Error("it never came to its end");
  });

  it("and another one is wanted by then: that one runs, with all data", async () => {
    for (let at = 3; at < LONG; at += 2) {
      const isOver = await killedAt(at, { image: images.v1, env: { A: `${at}` } });
      await db.done({ image: images.v2, env: { A: `later than ${at}` } });
      await expectWhole("v2");
      if (isOver) return;
    }
    throw new Error("it never came to its end");
  });
});

describe("a connection that is lost", () => {
  beforeAll(async () => {
    db = new Accessory(lab, host, { image: images.v1 });
    await db.done();
    await writeRow();
  });
  afterAll(() => db[Symbol.asyncDispose]());

  it("in the gap is made again, and the replace goes on", async () => {
    let cut = false;
    const { around } = db;
    db.around = async (change, run) => {
      if (change.what === "start container" && !cut) {
        cut = true;
        await host.dropSessions();
      }
      return run();
    };
    const { said } = await db.done({ image: images.v2 });
    db.around = around;
    expect(said.join("\n")).toMatch(/reconnecting\n.*: replaced, gap \d/);
    expect(await versionAt()).toBe("v2");
    expect(await row()).toBe("kept");
    expect((await names()).trim()).toBe("shop-db");
  });
});

describe("served over HTTP", () => {
  const { appPort: _port, ...options } = ROUTE;
  const proxy = { ...options, appPort: 3000, hosts: [] };
  const visit = async () => (await fetch(`http://${host.address}/`)).status;

  beforeAll(async () => {
    await using run = new ProviderRun(lab);
    const inputs = ProxyInputs.parse({
      ...{ schema: 1, host: addressOf(host), stack: "slipway/lab", image: PROXY_IMAGE, status: "running" },
      ...{ publish: ["443:443", "80:80"], options: [], logMaxSize: "10m" },
    });
    await proxyProvider.converge(inputs, undefined, run);
    db = new Accessory(lab, host, { image: images.v1 });
  });
  afterAll(() => db[Symbol.asyncDispose]());

  it("answers through the proxy, also after it was replaced, until it is not declared", async () => {
    await db.done({ proxy });
    expect(await visit()).toBe(200);
    await db.done({ image: images.v2 });
    expect(await visit()).toBe(200);
    expect(await db.preview()).toBe("");
    await sh("docker exec kamal-proxy kamal-proxy remove shop-db");
    expect(await db.preview()).toContain("route shop-db");
    await db.done();
    expect(await visit()).toBe(200);
    expect(await db.preview({ proxy: undefined } as unknown as Wish)).toContain("remove the route shop-db");
    await db.done();
    expect(await visit()).toBe(404);
  });
});
