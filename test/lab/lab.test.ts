// Of the lab itself.
// @module-tag long
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import type { LoadOptions } from "../../lab/client.ts";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";

const NAME = "lab-1";
let lab: Lab;
let host: LabHost;

beforeAll(async () => {
  lab = await startLab({ hosts: [NAME, "lab-2"] });
  host = lab.host(NAME);
}, 600_000);

async function pull(ref: string, password = lab.registry.password): Promise<void> {
  const { server: serveraddress, username } = lab.registry;
  const stream = await host.docker.createImage({ username, password, serveraddress }, { fromImage: ref });
  await new Promise<void>((resolve, reject) => {
    host.docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error)));
  });
}

const answerOf = (url: string) =>
  Deadline.in(5).until(
    () =>
      fetch(url).then(
        (answer) => answer.text(),
        () => undefined,
      ),
    () => new Error(`no answer from ${url}`),
  );

describe("hosts", () => {
  beforeEach(() => host.reset(), 60_000);

  it("have their own SSH host keys", async () => {
    const scan = await lab.host("lab-2").must(`ssh-keyscan -t ed25519 ${host.address} 2>/dev/null`);
    expect(scan).toContain(host.knownHosts.trim());
    expect(new Set(lab.hosts.map(({ hostKey }) => hostKey)).size).toBe(lab.hosts.length);
  });

  it("pull the app from the registry and run it, and report every mutation", async () => {
    const { ref } = await lab.image("shop", "v1");
    const since = new Date();
    await pull(ref);
    await host.must(`docker run -d --name app -p 8080:3000 ${ref}`);
    expect(await answerOf(`http://${host.address}:8080/version`)).toBe("v1");
    await host.must("docker exec app /app --help >/dev/null & docker ps >/dev/null; docker rm -f app >/dev/null");
    const mutations = (await host.mutations(since)).map(({ type, action }) => `${type} ${action}`);
    expect(mutations.slice(0, 5)).toEqual([
      "image pull",
      "container create",
      "network connect",
      "container start",
      "container kill",
    ]);
    expect(mutations.slice(5).sort()).toEqual(["container destroy", "container die", "network disconnect"]); // Docker's order varies here
  });

  it("report a container that exits at boot, runs out of memory, or is built for a different CPU", async () => {
    const exits = await lab.image("shop", "exits", { EXIT_AT_BOOT: "7" });
    const eats = await lab.image("shop", "eats", { EAT_MB: "200" });
    const other = await lab.image("shop", "other", {}, { architecture: process.arch === "arm64" ? "amd64" : "arm64" });
    for (const { ref } of [exits, eats]) await pull(ref);
    expect(await host.sh(`docker run ${exits.ref}`)).toMatchObject({
      code: 7,
      stderr: expect.stringContaining("connection refused"),
    });
    expect(await host.sh(`docker run --memory 32m ${eats.ref}`)).toMatchObject({ code: 137 });
    await pull(other.ref);
    expect(await host.sh(`docker run ${other.ref}`)).toMatchObject({ stderr: expect.stringContaining("exec format error") });
  });

  it("come back after a reboot, a power failure and a stop of Docker, with their containers", async () => {
    const { ref } = await lab.image("shop", "v1");
    await pull(ref);
    await host.must(`docker run -d --restart always --name app -p 8080:3000 ${ref}`);
    for (const disaster of [() => host.restart(), () => host.crash(), () => host.stopDocker().then(() => host.startDocker())]) {
      await disaster();
      expect(await answerOf(`http://${host.address}:8080/`)).toBe("v1");
    }
  }, 120_000);

  it("have ports that a different program can use", async () => {
    await host.takePort(80);
    const { code, stderr } = await host.sh("docker run --rm -p 80:80 basecamp/kamal-proxy:v0.9.2");
    expect(code).toBe(125);
    expect(stderr).toContain("address already in use");
    await host.freePort(80);
    expect((await host.sh("docker run -d -p 80:80 basecamp/kamal-proxy:v0.9.2")).code).toBe(0);
  });

  it("are fresh after a reset, whatever was changed on them", async () => {
    await host.must(
      "docker network create extra; docker volume create extra; docker run -d --network extra -v extra:/x basecamp/kamal-proxy:v0.9.2; docker rmi -f basecamp/kamal-proxy:v0.9.1",
    );
    await host.stopDocker();
    await host.reset();
    const left = await host.must(
      "docker ps -aq; docker volume ls -q; docker network ls --format '{{.Name}}'; docker images --format '{{.Repository}}:{{.Tag}}'",
    );
    expect(left.trim().split("\n").sort()).toEqual([
      "basecamp/kamal-proxy:v0.9.1",
      "basecamp/kamal-proxy:v0.9.2",
      "bridge",
      "host",
      "none",
    ]);
  });
});

describe("the registry", () => {
  it("refuses a wrong password, requires one, and uses only TLS with the lab's CA", async () => {
    expect((await lab.registry.call("/v2/")).status).toBe(200);
    const refused = await lab.registry.call("/v2/", { password: "wrong" });
    expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": expect.stringContaining("Basic") } });
    const { ref } = await lab.image("shop", "v1");
    await expect(pull(ref, "wrong")).rejects.toThrow(/unauthorized|no basic auth/);
    await expect(fetch(`http://${lab.registry.server}/v2/`).then(({ status }) => status)).resolves.toBe(400);
  });

  it("accepts a new image in less than a second", async () => {
    await lab.image("shop", "warm");
    const started = performance.now();
    const { ref, digest } = await lab.image("shop", "new", { ANY: String(Date.now()) }, { labels: { service: "shop" } });
    expect(performance.now() - started).toBeLessThan(1000);
    const repository = ref.slice(lab.registry.server.length + 1, ref.lastIndexOf(":"));
    const manifest = await lab.registry.call(`/v2/${repository}/manifests/${digest}`);
    expect(manifest.status).toBe(200);
  });
});

describe("the relay in front of a host's SSH", () => {
  const dial = (port: number) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    return socket;
  };
  const silence = async (socket: ReturnType<typeof dial>, ms: number) =>
    (await Promise.race([once(socket, "data"), sleep(ms, "silent")])) === "silent";

  it("counts, delays, cuts and refuses connections", async () => {
    const relay = await host.relay();
    const first = dial(relay.port);
    expect(String((await once(first, "data"))[0])).toMatch(/^SSH-2.0/);
    const closed = new Promise((resolve) => first.once("close", resolve));
    relay.cut();
    await closed;
    expect(relay.open).toBe(0);

    relay.delay(300);
    const started = performance.now();
    await once(dial(relay.port), "data");
    expect(performance.now() - started).toBeGreaterThan(290);
    expect(relay.connections).toBe(2);

    await relay.refuse();
    const refused = connect({ host: "127.0.0.1", port: relay.port });
    expect(
      (
        await once(refused, "error").then(
          (error) => error,
          (error) => [error],
        )
      )[0],
    ).toMatchObject({ code: "ECONNREFUSED" });
    await relay.accept();
    await once(dial(relay.port), "data");
    await relay.close();
  });

  it("freezes: bytes stop silently, and continue after a thaw", async () => {
    const relay = await host.relay();
    const old = dial(relay.port);
    await once(old, "data");
    relay.freeze();
    old.write("SSH-2.0-test\r\n");
    const fresh = dial(relay.port);
    expect(await Promise.all([silence(old, 400), silence(fresh, 400)])).toEqual([true, true]);
    expect(old.destroyed).toBe(false);
    relay.thaw();
    await Promise.all([once(old, "data"), once(fresh, "data")]);
    await relay.close();
  });
});

describe("the load client", () => {
  /** A server that answers its nth request, from 1, with `act`. */
  async function flaky(act: (n: number) => "v1" | "v2" | "reset" | "error" | "hang") {
    let count = 0;
    const server = createServer((asked, answer) => {
      count += 1;
      const doing = act(count);
      if (doing === "reset") asked.socket.destroy();
      if (doing === "reset" || doing === "hang") return;
      answer.statusCode = doing === "error" ? 503 : 200;
      answer.end(doing);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/`,
      seen: () => count,
      [Symbol.dispose]: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  }
  const run = async (options: LoadOptions, ms: number) => {
    const load = await lab.load(options);
    await sleep(ms);
    return load.stop();
  };

  it.each(["new", "kept"] as const)(
    "counts every failure, wrong answer and version, over %s connections",
    async (connections) => {
      using server = await flaky((n) => (n % 10 === 0 ? "reset" : n % 10 === 5 ? "error" : n > 50 ? "v2" : "v1"));
      const expected = (status: number, body: string) => status === 200 && /^v\d$/.test(body);
      const result = await run({ url: server.url, rate: 100, connections, expect: expected }, 1000);
      expect(result.requests).toBe(server.seen());
      expect(result.requests).toBeGreaterThan(90);
      expect(result.failed).toBe(Math.floor(result.requests / 10));
      expect(result.wrong).toBe(Math.floor((result.requests + 5) / 10));
      expect(result.ok + result.wrong + result.failed).toBe(result.requests);
      expect(result.failures[0]?.reason).toMatch(/503|ECONNRESET|socket hang up/);
      const [v1, v2] = ["v1", "v2"].map((body) => result.answers.find((answer) => answer.body === body));
      expect(v1?.count).toBe(40);
      expect((v2?.first.getTime() ?? 0) - (v1?.first.getTime() ?? 0)).toBeGreaterThan(300);
    },
  );

  it("keeps its rate while answers hang, and counts them as failed", async () => {
    using server = await flaky((n) => (n > 10 ? "hang" : "v1"));
    const result = await run({ url: server.url, rate: 100, timeout: 0.3 }, 1000);
    expect(result.requests).toBeGreaterThan(90);
    expect(result).toMatchObject({ ok: 10, wrong: 0, failed: result.requests - 10 });
    expect(result.failures[0]?.reason).toBe("no answer in 300 ms");
  });

  it("keeps its rate while the test's own thread is busy", async () => {
    using server = await flaky(() => "v1");
    const load = await lab.load({ url: server.url.replace("127.0.0.1", "127.0.0.2"), rate: 200, timeout: 1 });
    const until = performance.now() + 500;
    while (performance.now() < until); // nothing listens there, so each request needs only the load's thread
    const { requests, failed, failures } = await load.stop();
    expect(requests).toBeGreaterThan(90);
    expect(failed).toBe(requests);
    expect(failures[0]?.reason).toContain("ECONNREFUSED");
    expect(server.seen()).toBe(0);
  });
});
