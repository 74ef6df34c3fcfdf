import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { portOf } from "../../../core/stored-image.ts";
import type { Bytes } from "../../../core/words.ts";
import type { Layer } from "../../../lab/bundle.ts";
import type { LabHost } from "../../../lab/host.ts";
import { useImageStore } from "../../../lab/image-store.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import { type Traffic, trafficSince } from "../../../lab/traffic.ts";
import { App, type Released } from "../../support/app.ts";
import { containersOf, freshHosts, hostOf } from "../../support/hosts.ts";
import { ImageFiles, noisyLayer } from "../../support/image-file.ts";
import { answerOf } from "../../support/visitors.ts";

const MB: Bytes = 1024 * 1024;
const SSHD = "/etc/ssh/sshd_config";

let lab: Lab;
let host: LabHost;
let relay: Relay;
let app: App;
let files: ImageFiles;
let assets: Layer;

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  relay = await host.relay();
  files = await ImageFiles.create();
  assets = await noisyLayer("assets", 12 * MB);
  await files.layout("v1.tar", "v1", [assets, await noisyLayer("one", MB)]);
  app = await App.create(lab, {
    image: files.url("v1.tar"),
    retain_containers: 1,
    deploy_timeout: 10,
    servers: { web: { hosts: { [host.name]: { address: relay.address, port: relay.port } } } },
  });
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
  await host.reset();
});

/** `local`: Docker's socket can be reached, and nothing on this machine. */
async function allowForwarding(which: "yes" | "local"): Promise<void> {
  await host.must(`sed -i 's/^AllowTcpForwarding .*/AllowTcpForwarding ${which}/' ${SSHD}`);
  await host.stopSsh();
  await host.startSsh();
}

/** Releases the image of a file, and says what that took. */
async function released(name: string): Promise<{ traffic: Traffic; run: Released }> {
  const before = relay.traffic;
  const run = await app.released({ image: files.url(name) });
  return { traffic: trafficSince(before, relay.traffic), run };
}

const namesOn = async (): Promise<string[]> =>
  (await host.docker.listImages())
    .flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])])
    .filter((name) => name.includes("/slipway/"));

describe("an image in a file", () => {
  it("is pulled by the host's own Docker from this machine, and nothing listens there afterwards", async () => {
    const { traffic, run } = await released("v1.tar");
    expect(await answerOf(host)).toBe("v1");
    expect(traffic.connections).toBe(2);
    expect(traffic.up).toBeGreaterThan(13 * MB);
    expect(traffic.up).toBeLessThan(25 * MB);
    expect(run.statuses.some((line) => /^pull 0\/1 · [\d.]+ of [\d.]+ MB · [\d.]+ MB\/s/.test(line))).toBe(true);
    expect(await namesOn()).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+\/slipway\/shop@sha256:/)]);
    expect(await host.must("ss -Hltn")).not.toMatch(/127\.0\.0\.1:[23]\d{4}\b/);
    expect(run.state?.image).toMatch(/^slipway\.invalid\/shop@sha256:/);
  });

  it("that is there needs no second connection, and nothing is released again", async () => {
    expect(await app.preview()).toBe("");
    const { traffic, run } = await released("v1.tar");
    expect(traffic.connections).toBe(1);
    expect(traffic.up).toBeLessThan(MB / 4);
    expect(run.changes).toEqual([]);
  });

  it("sends only the layers that are new", async () => {
    await files.layout("v2.tar", "v2", [assets, await noisyLayer("two", MB)]);
    const { traffic } = await released("v2.tar");
    expect(await answerOf(host)).toBe("v2");
    expect(traffic.up).toBeGreaterThan(MB);
    expect(traffic.up).toBeLessThan(1.2 * MB);
  });

  it("that has left the host and its file is sent again from the cache", async () => {
    const [old] = app.state?.releases ?? [];
    for (const { name, id } of await containersOf(host))
      if (name.includes(old?.version ?? "")) await host.docker.getContainer(id).remove();
    const digest = old?.image.split("@")[1];
    for (const { Id, RepoDigests } of await host.docker.listImages())
      if (RepoDigests?.some((name) => name.endsWith(`@${digest}`))) await host.docker.getImage(Id).remove();
    app.configure({ image: `${files.url("gone.tar")}@${digest}` });
    await app.released();
    expect(await answerOf(host)).toBe("v1");
  });

  it("from docker save is compressed on its way, and its base is not sent again when the next one has the same", async () => {
    const text = Buffer.alloc(8 * MB, "what compresses well ");
    const { layer } = await import("../../../lab/bundle.ts");
    const words = await layer([{ name: "words.txt", mode: 0o644, content: text }]);
    await files.saved("v3.tar", "v3", [words]);
    const first = await released("v3.tar");
    expect(await answerOf(host)).toBe("v3");
    expect(first.traffic.up).toBeLessThan(6 * MB);
    await files.saved("v4.tar", "v4", [words, await noisyLayer("four", MB)]);
    const next = await released("v4.tar");
    expect(await answerOf(host)).toBe("v4");
    expect(next.traffic.up).toBeLessThan(1.2 * MB);
  });

  it("for several CPUs is pulled as what this host runs, and is the same again whatever its builder states about it", async () => {
    await files.index("both.tar", "both", "built at 9:00");
    const { run } = await released("both.tar");
    expect(await answerOf(host)).toBe("both");
    expect(run.state?.__stored?.[run.state.image.split("@")[1] ?? ""]?.platforms).toHaveLength(2);
    await files.index("both.tar", "both", "built at 9:01");
    expect(await app.preview()).toBe("");
  });

  it("whose transfer is cut with its connection is sent again by the same run", async () => {
    await files.layout("v5.tar", "v5", [await noisyLayer("large", 24 * MB)]);
    const before = relay.traffic.up;
    const cut = (async () => {
      await Deadline.in(30).until(
        async () => (relay.traffic.up - before > 8 * MB ? true : undefined),
        () => new Error("it was not sent"),
      );
      relay.cut();
    })();
    const { run } = await released("v5.tar");
    await cut;
    expect(await answerOf(host)).toBe("v5");
    expect(run.said).toContainEqual(expect.stringMatching(/the connection was lost.*reconnecting/));
  });

  it("is a canary beside one from a file, and nothing is sent or started when it is promoted", async () => {
    const asked = async (cookie: string) =>
      (await fetch(`http://${host.address}/`, { headers: { cookie: `kamal-rollout=${cookie}` } })).text();
    await files.layout("v13.tar", "v13", [await noisyLayer("large", 24 * MB), await noisyLayer("thirteen", MB)]);
    const before = relay.traffic;
    await app.released({ canary: { image: files.url("v13.tar"), allow: ["beta"] } });
    expect([await asked("beta"), await asked("someone"), await answerOf(host)]).toEqual(["v13", "v5", "v5"]);
    expect(trafficSince(before, relay.traffic).up).toBeLessThan(1.2 * MB);
    expect(await app.preview()).toBe("");
    app.configure({ canary: undefined });
    const { traffic, run } = await released("v13.tar");
    expect(await answerOf(host)).toBe("v13");
    expect(traffic.connections).toBe(1);
    expect(run.changes.map(({ what }) => what).filter((what) => /create|start|pull|load/.test(what))).toEqual([]);
    expect(await app.preview()).toBe("");
  });

  it("leaves no image behind that no container uses", async () => {
    const used = new Set((await containersOf(host)).map(({ image }) => image));
    const ours = (await host.docker.listImages()).filter(({ RepoDigests }) =>
      RepoDigests?.some((name) => name.includes("/slipway/")),
    );
    expect(ours.map(({ Id }) => Id).filter((id) => !used.has(id))).toEqual([]);
  });
});

describe("where sshd forwards no ports", () => {
  beforeAll(() => allowForwarding("local"));
  afterAll(() => allowForwarding("yes"));

  it("the layers that are new are loaded through Docker's socket, and the run says why", async () => {
    await files.layout("v12.tar", "v12", [assets, await noisyLayer("twelve", MB)]);
    await released("v12.tar");
    expect(await answerOf(host)).toBe("v12");
    await files.layout("v6.tar", "v6", [assets, await noisyLayer("six", MB)]);
    const { traffic, run } = await released("v6.tar");
    expect(await answerOf(host)).toBe("v6");
    expect(traffic.up).toBeLessThan(1.2 * MB);
    expect(run.said).toContainEqual(expect.stringMatching(/the image is loaded, 1\.\d MB: its sshd forwards no ports/));
    expect(await app.preview()).toBe("");
  });

  it("what was loaded is recognized, and removed when nothing uses it", { tags: "long" }, async () => {
    for (const version of [7, 8]) {
      await files.layout(`v${version}.tar`, `v${version}`, [assets, await noisyLayer(`number ${version}`, MB)]);
      await released(`v${version}.tar`);
    }
    expect((await namesOn()).filter((name) => name.includes(":sha256-"))).toHaveLength(2);
  });
});

describe("where the forwarded port is not as it should be", { tags: "long" }, () => {
  const rule = "OUTPUT -o lo -p tcp --syn --dport 20000:60999 -j REJECT --reject-with tcp-reset";
  afterAll(async () => {
    await host.sh(`iptables -D ${rule}`);
    await host.must(`sed -i '/^GatewayPorts/d' ${SSHD}`);
    await allowForwarding("yes");
  });

  it("because Docker does not reach it, the image is loaded, and the run says why", async () => {
    await host.must(`iptables -I ${rule}`);
    await files.layout("v9.tar", "v9", [assets, await noisyLayer("nine", MB)]);
    const { traffic, run } = await released("v9.tar");
    await host.must(`iptables -D ${rule}`);
    expect(await answerOf(host)).toBe("v9");
    expect(traffic.up).toBeLessThan(1.2 * MB);
    expect(run.said).toContainEqual(
      expect.stringMatching(/its Docker does not reach the loopback of its sshd .*connection refused/),
    );
  });

  it("because sshd opens every forwarded port to the network, the image is pulled all the same", async () => {
    await host.must(`echo 'GatewayPorts yes' >>${SSHD}`);
    await allowForwarding("yes");
    await files.layout("v10.tar", "v10", [assets, await noisyLayer("ten", MB)]);
    const { run } = await released("v10.tar");
    expect(await answerOf(host)).toBe("v10");
    expect(run.said.join()).not.toContain("is loaded");
    await host.must(`sed -i '/^GatewayPorts/d' ${SSHD}`);
    await allowForwarding("yes");
  });

  it("because it is in use, a different one is taken", async () => {
    const port = portOf("slipway/lab", app.state?.image ?? "");
    await host.takePort(port);
    await files.layout("v11.tar", "v11", [assets, await noisyLayer("eleven", MB)]);
    const { run } = await released("v11.tar");
    await host.freePort(port);
    expect(await answerOf(host)).toBe("v11");
    expect(run.said.join()).not.toContain("is loaded");
    expect(await app.preview()).toBe("");
  });
});

describe("where Docker keeps images in containerd's store", () => {
  beforeAll(async () => {
    await app.withdraw();
    await useImageStore(host, "containerd");
    await host.reset();
    relay = await host.relay();
    const hosts = { [host.name]: { address: relay.address, port: relay.port } };
    app = await App.create(lab, { image: files.url("v1.tar"), deploy_timeout: 10, servers: { web: { hosts } } });
  });
  afterAll(async () => {
    await app.withdraw();
    await host.reset();
    await useImageStore(host, "classic");
  });

  it("an image is pulled in the same way, and then only what is new", async () => {
    const first = await released("v1.tar");
    expect(await answerOf(host)).toBe("v1");
    expect(first.traffic.up).toBeGreaterThan(13 * MB);
    const { traffic } = await released("v2.tar");
    expect(await answerOf(host)).toBe("v2");
    expect(traffic.up).toBeLessThan(1.2 * MB);
    await released("both.tar");
    expect(await answerOf(host)).toBe("both");
    expect(await app.preview()).toBe("");
  });

  it("the complete image is loaded where sshd forwards no ports", { tags: "long" }, async () => {
    await allowForwarding("local");
    try {
      const { traffic, run } = await released("v12.tar");
      expect(await answerOf(host)).toBe("v12");
      expect(traffic.up).toBeGreaterThan(13 * MB);
      expect(run.said).toContainEqual(expect.stringMatching(/the complete image is sent, \d+ MB: its sshd forwards no ports/));
    } finally {
      await allowForwarding("yes");
    }
  });
});
