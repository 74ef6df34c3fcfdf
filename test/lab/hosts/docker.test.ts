import { once } from "node:events";
import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { DockerTransport } from "../../../hosts/docker/transport.ts";
import { DockerRefusal, type Host, type TraceEvent, traceTo } from "../../../hosts/index.ts";
import { SHARES } from "../../../hosts/ssh/channels.ts";
import { Connection } from "../../../hosts/ssh/connection.ts";
import { OneHost } from "../../../lab/one-host.ts";
import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import type { ReachOptions } from "../../../lab/reach.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");
beforeAll(() => mine.there.reset());

const reach = (options?: ReachOptions): Host => mine.reach(options);

describe("Docker", () => {
  it("reports the command that lets a user use it", async () => {
    const story = await refusal(reach({ user: "nodocker" }).docker.version());
    expect(story.what).toContain("the user nodocker may not use Docker");
    expect(story.next).toContain("sudo usermod -aG docker nodocker");
  });

  it("reports that it is stopped, and works again after a start", async () => {
    const host = reach();
    await host.docker.version();
    await mine.there.stopDocker();
    try {
      const story = await refusal(
        Deadline.in(5).until(
          () => host.docker.version().then(() => undefined),
          () => new Error("still up"),
        ),
      );
      expect(story.what).toContain("not running");
      expect(story.next).toContain("systemctl start docker");
    } finally {
      await mine.there.startDocker();
    }
    expect((await host.docker.version()).os).toBe("linux");
  });

  it("runs a container from pull to removal", async () => {
    const { ref, digest } = await mine.lab.image("hosts-app", "v1");
    const { docker } = reach();
    await docker.remove("hosts-life", { force: true, anonymousVolumes: true });
    expect((await docker.distribution(ref, mine.lab.registry))?.digest).toBe(digest);
    expect(await docker.distribution(`${mine.lab.registry.server}/hosts-app:none`, mine.lab.registry)).toBeUndefined();
    await docker.pull(`${ref}@${digest}`, mine.lab.registry, { deadline: Deadline.in(60) });
    const image = await docker.image(`${ref.replace(/:[^:/]+$/, "")}@${digest}`);
    expect(image?.digests.join()).toContain(digest);
    await docker.createNetwork("hosts-net", { a: "b" });
    await docker.createNetwork("hosts-net", { a: "b" });
    const { id } = await docker.create("hosts-life", {
      Image: image?.id ?? "",
      Labels: { hosts: "life" },
      HostConfig: { NetworkMode: "hosts-net" },
    });
    expect((await docker.inspect(id))?.state.status).toBe("created");
    const over = docker.exited(id, AbortSignal.timeout(30_000));
    await docker.start(id);
    await docker.start(id);
    expect(await docker.containers({ hosts: "life" })).toMatchObject([{ id, name: "hosts-life", state: "running" }]);
    expect(await docker.containers({ hosts: undefined })).toHaveLength(1);
    expect(await docker.containers({ hosts: "other" })).toHaveLength(0);
    expect((await docker.network("hosts-net"))?.containers).toEqual(["hosts-life"]);
    expect(await docker.removeNetwork("hosts-net")).toBe("in use");
    expect(await docker.removeImage(image?.id ?? "")).toBe("in use");
    expect((await docker.exec(id, ["/app", "--x"], { deadline: Deadline.in(10) })).code).toBe(1);
    expect([126, 127]).toContain((await docker.exec(id, ["/none"])).code);
    await docker.update(id, { restart: { name: "unless-stopped" }, memory: 0, nanoCpus: 0 });
    await docker.rename(id, "hosts-life-2");
    expect(await docker.inspect("hosts-life")).toBeUndefined();
    expect((await docker.inspect("hosts-life-2"))?.restartPolicy.name).toBe("unless-stopped");
    expect((await docker.readFile(id, "/etc/hostname"))?.toString().trim()).toBe(id.slice(0, 12));
    expect(await docker.readFile(id, "/etc/none")).toBeUndefined();
    expect(await docker.readFile("none", "/etc/hostname")).toBeUndefined();
    expect((await docker.lastLogs(id, 1)).length).toBe(1);
    await docker.stop(id, 5);
    await docker.stop(id, 5);
    expect(await over).toEqual({ code: expect.any(Number) });
    expect((await docker.exited(id, AbortSignal.timeout(5_000))).code).toBe((await over).code);
    await docker.remove(id, { force: false, anonymousVolumes: true });
    await docker.remove(id, { force: false, anonymousVolumes: true });
    expect(await docker.removeNetwork("hosts-net")).toBe("removed");
    expect(await docker.removeNetwork("hosts-net")).toBe("gone");
    expect(await docker.volume("none")).toBeUndefined();
    expect(await docker.removeVolume("none")).toBe("gone");
  });

  it("rejects a wrong password and a missing image with the registry's message", async () => {
    const { docker } = reach();
    const wrong = { ...mine.lab.registry, password: "canary-wrong" };
    await docker.login(mine.lab.registry);
    const error: unknown = await docker.login(wrong).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DockerRefusal);
    expect(String(error)).not.toContain("canary-wrong");
    const pull = docker.pull(`${mine.lab.registry.server}/hosts-app:none`, mine.lab.registry, { deadline: Deadline.in(30) });
    await expect(pull).rejects.toThrow(/not found|manifest unknown/);
    await expect(docker.distribution(`${mine.lab.registry.server}/hosts-app:v1`, wrong)).rejects.toBeInstanceOf(DockerRefusal);
  });

  it("reports ten exits over one channel while other calls continue", async () => {
    const { ref } = await mine.lab.image("hosts-exit", "v1", { EXIT_AT_BOOT: "3", BOOT_DELAY_MS: "800" });
    const events: TraceEvent[] = [];
    const { docker } = reach({ events });
    await docker.pull(ref, mine.lab.registry, { deadline: Deadline.in(60) });
    const ids = await Promise.all(Array.from({ length: 10 }, () => docker.create("", { Image: ref }).then(({ id }) => id)));
    const exits = ids.map((id) => docker.exited(id, AbortSignal.timeout(60_000)));
    await Promise.all(ids.map((id) => docker.start(id)));
    await docker.version();
    expect((await Promise.all(exits)).map(({ code }) => code)).toEqual(ids.map(() => 3));
    // One for all exits, one for the pull, and those of all other calls.
    expect(events.filter(({ kind }) => kind === "channel").length).toBeLessThanOrEqual(SHARES.request + 2);
    await Promise.all(ids.map((id) => docker.remove(id, { force: true, anonymousVolumes: true })));
  });
});

describe("a channel", () => {
  it("is freed when the rest of an answer is not read", async () => {
    const { id } = await reach().docker.create("", { Image: PROXY_IMAGE });
    const connection = new Connection(mine.operator.addressOf(mine.there), mine.operator.access(), traceTo(undefined));
    const transport = new DockerTransport(connection, traceTo(undefined));
    const firstPart = async (docker: Dockerode) => {
      const answer = (await docker.getContainer(id).getArchive({ path: "/usr" })) as Readable;
      await once(answer, "data");
      answer.destroy();
    };
    for (let round = 0; round < 20; round += 1) {
      const asked = transport.read("read a part", firstPart);
      await Deadline.in(10).race(asked, () => new Error(`no channel is left in round ${round}`));
    }
    transport.close();
    await connection.close();
    await reach().docker.remove(id, { force: true, anonymousVolumes: true });
  });
});

describe("volumes", () => {
  it("are created once, found by their labels, and removed when unused", async () => {
    const { docker } = reach();
    await docker.ensureVolume("hl-assets", { hl: "assets" });
    await docker.ensureVolume("hl-assets", { hl: "other" });
    expect(await docker.volumes({ hl: "assets" })).toEqual([{ name: "hl-assets", labels: { hl: "assets" } }]);
    expect(await docker.volumes({ hl: undefined })).toHaveLength(1);
    expect(await docker.volumes({ hl: "other" })).toEqual([]);
    expect(await docker.removeVolume("hl-assets")).toBe("removed");
    expect(await docker.volumes({ hl: undefined })).toEqual([]);
  });
});

describe("a folder is copied from one container to another", () => {
  const files = [
    { name: "assets/", mode: 0o755 },
    { name: "assets/js/", mode: 0o750, uid: 1000, gid: 1000 },
    { name: "assets/js/app.js", mode: 0o640, uid: 1000, gid: 1000, content: "new" },
    { name: "assets/js/new.js", mode: 0o640, uid: 1000, gid: 1000, content: "new".repeat(200_000) },
    { name: "assets/it's.css", mode: 0o644, content: "" },
  ];

  it.each([
    ["by Docker's command on the host", (host: Host) => host.addMissing.bind(host)],
    ["through this process", (host: Host) => host.docker.addMissing.bind(host.docker)],
    [
      "through this process if the host has no docker command",
      (host: Host): Host["addMissing"] =>
        async (...places) => {
          await mine.there.must("mv /usr/bin/docker /usr/bin/docker.away");
          await host.addMissing(...places).finally(() => mine.there.must("mv /usr/bin/docker.away /usr/bin/docker"));
        },
    ],
  ])("%s, into a volume, both containers FROM scratch and never started", async (_about, way) => {
    const host = reach();
    const { docker } = host;
    const { ref } = await mine.lab.image("hosts-assets", "v1", {}, { files });
    await docker.pull(ref, mine.lab.registry, { deadline: Deadline.in(60) });
    for (const name of ["hl-from", "hl-to"]) await docker.remove(name, { force: true, anonymousVolumes: true });
    await docker.removeVolume("hl-copied");
    await docker.ensureVolume("hl-copied", {});
    await docker.create("hl-from", { Image: ref });
    await docker.create("hl-to", { Image: ref, HostConfig: { Binds: ["hl-copied:/some/where:nocopy"] } });
    const [from, to] = [
      { container: "hl-from", path: "/assets" },
      { container: "hl-to", path: "/some/where" },
    ];
    const volume = "/var/lib/docker/volumes/hl-copied/_data";
    await mine.there.must(`mkdir -p ${volume}/js; echo old > ${volume}/js/old.js; echo old > ${volume}/js/app.js`);
    await way(host)(from, to, Deadline.in(20));
    expect(
      (await mine.there.must(`cd ${volume} && find * -type f -printf '%p %m %U:%G %s\n' | sort`)).trim().split("\n"),
    ).toEqual(["it's.css 644 0:0 0", "js/app.js 644 0:0 4", "js/new.js 640 1000:1000 600000", "js/old.js 644 0:0 4"]);
    await expect(way(host)({ ...from, path: "/none" }, to, Deadline.in(20))).rejects.toThrow(/none/);
    await expect(way(host)(from, { ...to, path: "/none" }, Deadline.in(20))).rejects.toThrow(/none|not find/i);
    for (const name of ["hl-from", "hl-to"]) await docker.remove(name, { force: true, anonymousVolumes: true });
  });
});
