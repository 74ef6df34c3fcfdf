import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { ConnectionLost, DockerRefusal, type Host, type TraceEvent } from "../../hosts/index.ts";
import { fingerprint, parsePin } from "../../hosts/ssh/host-keys.ts";
import { OneHost } from "../../lab/one-host.ts";
import type { Reach } from "../../lab/reach.ts";

const mine = new OneHost("hosts");
const { name: NAME } = mine;

const reach = (way?: Reach): Host => mine.reach(way);

const refusal = async (work: Promise<unknown>): Promise<SlipwayError["story"]> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SlipwayError)) throw new Error("no SlipwayError", { cause: error });
  return error.story;
};

const OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPVcl8aT4Q8bVZ1bGm1b0oVzKqDxQ7n2i0N0bq1a2Zk";
const fingerprintOf = (pin: string): string => fingerprint(parsePin(pin)?.blob ?? Buffer.alloc(0));

describe("a connection", () => {
  it("refuses an unknown host key, shows it and says how to pin it", async () => {
    const story = await refusal(reach({ hostKey: undefined }).connect());
    expect(story.what).toContain("unknown");
    expect(story.evidence?.join("\n")).toContain(fingerprintOf(mine.there.hostKey));
    expect(story.next).toContain(`slipway:ssh.host_keys["${NAME}"]`);
    expect(story.servesNow).toContain("could not be asked");
  });

  it("refuses a changed host key and shows both fingerprints", async () => {
    const story = await refusal(reach({ hostKey: OTHER_KEY }).connect());
    expect(story.what).toContain("CHANGED");
    expect(story.evidence?.join("\n")).toContain(fingerprintOf(mine.there.hostKey));
    expect(story.evidence?.join("\n")).toContain(fingerprintOf(OTHER_KEY));
  });

  it("tells a wrong name, a closed port, a dead end and a refused key apart", async () => {
    expect((await refusal(reach({ address: "no-such-host.invalid" }).connect())).what).toContain("does not resolve");
    expect((await refusal(reach({ port: 2 }).connect())).what).toContain("refused the connection");
    const silent = await refusal(reach({ address: "10.213.77.250", ssh: { connect_timeout: 1 } }).connect());
    expect(silent.what).toMatch(/within 1 s|no route/);
    const wrongUser = await refusal(reach({ user: "stranger" }).connect());
    expect(wrongUser.what).toContain("did not accept us as stranger");
    expect(wrongUser.evidence?.join("\n")).toContain(`${mine.lab.key.file}: refused`);
    const noKey = await refusal(reach({ ssh: { keys: "/nowhere/key" } }).connect());
    expect(noKey.evidence).toEqual(["/nowhere/key: no such file"]);
  });

  it("gives up on a host that accepts and never speaks", async () => {
    const relay = await mine.there.relay();
    relay.freeze();
    const began = performance.now();
    const story = await refusal(reach({ address: relay.address, port: relay.port, ssh: { connect_timeout: 1 } }).connect());
    expect(story.what).toContain("within 1 s");
    expect(performance.now() - began).toBeLessThan(2_000);
    await relay.close();
  });

  it("goes through a jump host and says when that cannot reach the host", async () => {
    const ssh = { proxy: `root@${mine.there.address}:22`, host_keys: { [mine.there.address]: mine.there.hostKey } };
    const host = reach({ address: "127.0.0.1", ssh });
    expect((await host.run(["hostname"])).stdout.trim()).not.toBe("");
    const story = await refusal(reach({ address: "127.0.0.1", port: 2, ssh }).connect());
    expect(story.what).toContain("the jump host cannot reach");
    const unpinned = await refusal(reach({ address: "127.0.0.1", ssh: { proxy: `root@${mine.there.address}:22` } }).connect());
    expect(unpinned.what).toContain(`jump host ${mine.there.address}: the host key`);
  });

  it("is one for 50 callers, with never more channels than their share", async () => {
    const events: TraceEvent[] = [];
    const host = reach({ user: "root", events });
    const jobs = Array.from({ length: 50 }, (_, index) =>
      index % 3 === 0 ? host.run(["sleep", "0.0577"]) : index % 3 === 1 ? host.docker.containers({}) : host.docker.image("none"),
    );
    const most: number[] = [];
    const watching = (async () => {
      const count = "pgrep -fc '^sleep 0.0577' || true";
      for (let look = 0; look < 5; look += 1) most.push(Number(await mine.there.must(count)));
    })();
    await Promise.all([...jobs, watching]);
    expect(events.filter(({ kind }) => kind === "connect")).toHaveLength(1);
    expect(events.filter(({ kind, what }) => kind === "channel" && what === "docker").length).toBeLessThanOrEqual(2);
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
  });

  it("rejects what is in flight when it is cut, and the next call connects anew", async () => {
    const relay = await mine.there.relay();
    const host = reach({ address: relay.address, port: relay.port });
    await host.docker.version();
    const inFlight = [
      host.run(["sleep", "20"]),
      host.docker.exited("kamal-nothing", AbortSignal.timeout(20_000)).then(() => host.run(["sleep", "20"])),
    ];
    const settled = Promise.allSettled(inFlight);
    await sleep(300);
    relay.cut();
    for (const result of await settled) {
      expect(result.status).toBe("rejected");
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(ConnectionLost);
    }
    expect((await host.docker.version()).os).toBe("linux");
    expect((await host.run(["true"])).code).toBe(0);
    expect(relay.connections).toBe(2);
    await relay.close();
  });

  it("waits for a host that restarts its sshd", async () => {
    const relay = await mine.there.relay();
    const host = reach({ address: relay.address, port: relay.port });
    await host.connect();
    await relay.refuse();
    relay.cut();
    await sleep(50);
    setTimeout(() => void relay.accept(), 800);
    expect((await host.run(["true"])).code).toBe(0);
    await relay.close();
  });

  it("does not keep the process alive, and its loss does not end it", async () => {
    const relay = await mine.there.relay();
    const script = `
      import { Hosts, parseAccess } from ${JSON.stringify(new URL("../../hosts/index.ts", import.meta.url).href)};
      const host = new Hosts(parseAccess(process.env.SSH_JSON, {})).at(JSON.parse(process.env.ADDRESS));
      await host.docker.version();
      console.log("idle");
      if (process.env.STAY) setTimeout(() => console.log("alive"), 1000);`;
    const address = { name: NAME, address: relay.address, port: relay.port, user: "deploy", hostKey: mine.there.hostKey };
    const ssh = JSON.stringify({ keys: mine.lab.key.file, agent: false, config: false });
    const start = (env: object) =>
      spawn(process.execPath, ["--input-type=module", "-e", script], {
        env: { ...process.env, SSH_JSON: ssh, ADDRESS: JSON.stringify(address), ...env },
      });
    const idle = start({});
    expect(await once(idle, "exit")).toEqual([0, null]);
    const cut = start({ STAY: "1" });
    await heard(cut, "idle");
    relay.cut();
    await heard(cut, "alive");
    expect(await once(cut, "exit")).toEqual([0, null]);
    await relay.close();
  });
});

/** Waits for a line of a child. */
function heard(child: ChildProcess, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (chunk) => String(chunk).includes(line) && resolve());
    child.once("exit", (code) => reject(new Error(`the child ended with ${code} and never said ${line}`)));
  });
}

describe("commands and files", () => {
  it("brings every argument through unharmed", async () => {
    const argv = ["it's", '"$(id)"', "a\nb", "-n", "--", "", "ü ☂", "$HOME", "`id`", "\\", "*", "~", "a=b", "!x"];
    const { stdout } = await reach().run(["printf", "%s\\0", ...argv]);
    expect(stdout.split("\0").slice(0, -1)).toEqual(argv);
  });

  it("gives exit code, stderr and stdin, and bounds the output", async () => {
    const host = reach();
    expect(await host.run(["sh", "-c", "cat; echo no >&2; exit 7"], { input: "in" })).toEqual({
      code: 7,
      stdout: "in",
      stderr: "no\n",
    });
    expect((await host.run(["sh", "-c", "kill -9 $$"])).code).toBe(137);
    expect((await host.run(["sh", "-c", "head -c 5000000 /dev/zero"])).stdout).toHaveLength(1024 * 1024);
    expect((await host.run(["no-such-command"])).code).toBe(127);
    for (const code of await Promise.all(Array.from({ length: 100 }, () => host.run(["true"]).then((ran) => ran.code))))
      expect(code).toBe(0);
  });

  it("stops waiting at the deadline and gives its channel back", async () => {
    const host = reach();
    const late = Array.from({ length: 6 }, () =>
      host.run(["sleep", "30"], { deadline: Deadline.in(0.5) }).catch((error: Error) => error.message),
    );
    expect(new Set(await Promise.all(late))).toEqual(new Set([`${NAME}: sleep did not finish within 0.5 s`]));
    expect((await host.run(["true"], { deadline: Deadline.in(2) })).code).toBe(0);
  });

  it("writes a file whole, with its mode, and leaves nothing else", async () => {
    const host = reach({ user: "root" });
    await host.run(["sh", "-c", "rm -rf /tmp/write; mkdir /tmp/write"]);
    await host.write("/tmp/write/it's a file", "öne\n", { mode: 0o440, owner: "deploy:docker" });
    await host.write("/tmp/write/big", Buffer.alloc(3_000_000, 7), { mode: 0o600 });
    expect(await mine.there.must("cd /tmp/write && stat -c '%a %U:%G %s %n' *")).toContain("440 deploy:docker 5 it's a file");
    expect((await mine.there.must("ls -A /tmp/write")).trim().split("\n")).toHaveLength(2);
    await expect(host.write("/nowhere/x", "", { mode: 0o600 })).rejects.toThrow("was not written");
  });

  it("keeps the old file when the connection is cut half way", async () => {
    const relay = await mine.there.relay();
    await mine.there.must(
      "rm -rf /tmp/half && mkdir -p /tmp/half && echo old > /tmp/half/file && chmod 777 /tmp/half && chown deploy /tmp/half/file",
    );
    const host = reach({ address: relay.address, port: relay.port });
    await host.connect();
    relay.delay(150);
    const written = host.write("/tmp/half/file", Buffer.alloc(50_000_000, 65), { mode: 0o600 }).catch((error: unknown) => error);
    await sleep(700);
    relay.cut();
    expect(await written).toBeInstanceOf(ConnectionLost);
    await Deadline.in(5).until(
      async () => ((await mine.there.must("ls -A /tmp/half")).trim() === "file" ? true : undefined),
      () => new Error("a temp file was left"),
    );
    expect(await mine.there.must("cat /tmp/half/file")).toBe("old\n");
    await relay.close();
  });

  it("probes from the host's own network", async () => {
    const host = reach();
    await expect(host.probe({ address: "127.0.0.1", port: 1, path: "/" }, 2)).rejects.toThrow(/^connection refused$/);
    await expect(host.probe({ address: "127.0.0.1", port: 22, path: "/" }, 2)).rejects.toThrow(/^the answer is not HTTP$/);
    await expect(host.probe({ address: "10.213.77.250", port: 80, path: "/" }, 1)).rejects.toThrow(
      /^no (answer in 1 s|route to it)$/,
    );
  });
});

describe("Docker", () => {
  it("says which command gives a user the right to use it", async () => {
    const story = await refusal(reach({ user: "nodocker" }).docker.version());
    expect(story.what).toContain("the user nodocker may not use Docker");
    expect(story.next).toContain("sudo usermod -aG docker nodocker");
  });

  it("says that it is stopped, and works again after it was started", async () => {
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
      expect(story.what).toContain("does not run");
      expect(story.next).toContain("systemctl start docker");
    } finally {
      await mine.there.startDocker();
    }
    expect((await host.docker.version()).os).toBe("linux");
  });

  it("lives through a container's life", async () => {
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

  it("refuses a wrong password and an image that is not there in the registry's words", async () => {
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

  it("hears ten exits over one channel while other calls go on", async () => {
    const { ref } = await mine.lab.image("hosts-exit", "v1", { EXIT_AT_BOOT: "3", BOOT_DELAY_MS: "800" });
    const events: TraceEvent[] = [];
    const { docker } = reach({ events });
    await docker.pull(ref, mine.lab.registry, { deadline: Deadline.in(60) });
    const ids = await Promise.all(Array.from({ length: 10 }, () => docker.create("", { Image: ref }).then(({ id }) => id)));
    const exits = ids.map((id) => docker.exited(id, AbortSignal.timeout(60_000)));
    await Promise.all(ids.map((id) => docker.start(id)));
    await docker.version();
    expect((await Promise.all(exits)).map(({ code }) => code)).toEqual(ids.map(() => 3));
    expect(events.filter(({ kind }) => kind === "channel").length).toBeLessThanOrEqual(5);
    await Promise.all(ids.map((id) => docker.remove(id, { force: true, anonymousVolumes: true })));
  });
});

describe("an sshd with other settings", () => {
  const PORT = 2299;
  const stop = "if [ -e /run/odd.pid ]; then kill $(cat /run/odd.pid); while [ -e /run/odd.pid ]; do sleep 0.02; done; fi";
  afterEach(async () => void (await mine.there.must(stop)));

  // sshd goes into the background before it listens.
  const startOdd = (options: string) =>
    mine.there.must(
      `mkdir -p /run/sshd; ${stop}; /usr/sbin/sshd -p ${PORT} -o PidFile=/run/odd.pid ${options}; for _ in $(seq 250); do [ -e /run/odd.pid ] && exit 0; sleep 0.02; done; exit 1`,
    );

  it("that forbids socket forwarding is told apart from missing rights", async () => {
    await startOdd("-o AllowStreamLocalForwarding=no");
    const story = await refusal(reach({ port: PORT }).docker.version());
    expect(story.what).toContain("forbids the way to Docker's socket");
    expect(story.next).toContain("AllowStreamLocalForwarding yes");
  });

  it("that has host keys of many kinds shows the pinned one", async () => {
    const ours = "/etc/ssh/ssh_host_ed25519_key";
    const make = ["rsa", "ecdsa"].map((type) => `rm -f /tmp/odd_${type}*; ssh-keygen -q -t ${type} -N '' -f /tmp/odd_${type}`);
    await mine.there.must(make.join(" && "));
    await startOdd(`-o HostKey=/tmp/odd_rsa -o HostKey=/tmp/odd_ecdsa -o HostKey=${ours}`);
    for (const hostKey of [
      mine.there.hostKey,
      await mine.there.must("cat /tmp/odd_rsa.pub"),
      await mine.there.must("cat /tmp/odd_ecdsa.pub"),
    ])
      expect((await reach({ port: PORT, hostKey }).run(["true"])).code).toBe(0);
    await startOdd("-f /dev/null -o HostKey=/tmp/odd_rsa");
    const story = await refusal(reach({ port: PORT }).connect());
    expect(story.what).toContain("CHANGED");
  });
});

describe("the lease", () => {
  it("is held by one at a time; who waits hears of the holder", async () => {
    const first = await reach().lease("ci@build-7", { deadline: Deadline.in(5) });
    const told: string[] = [];
    const second = reach({ user: "root" }).lease("ann@laptop", {
      deadline: Deadline.in(20),
      waiting: (holder) => told.push(holder),
    });
    await sleep(1_500);
    expect(told).toEqual([expect.stringMatching(/^ci@build-7 since \d\d:\d\d:\d\d \(\d s\)$/)]);
    await first.release();
    const lease = await second;
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    expect(first.lost.aborted).toBe(false);
    expect((await mine.there.must("pgrep -fa [s]lipway-lease || true")).trim()).toBe("");
  });

  it("lets callers of one process stand in line, and gives up in time", async () => {
    const host = reach();
    const first = await host.lease("ci", { deadline: Deadline.in(5) });
    const story = await refusal(host.lease("ci", { deadline: Deadline.in(0.3) }));
    expect(story.evidence).toEqual(["held by ci, in this run"]);
    const other = await refusal(reach().lease("other", { deadline: Deadline.in(1.5) }));
    expect(other.evidence?.[0]).toMatch(/^held by ci since/);
    await first.release();
    await (await host.lease("ci", { deadline: Deadline.in(5) })).release();
  });

  it("cannot be given words to execute", async () => {
    const owner = `x'; touch /tmp/pwned; "$(touch /tmp/pwned)\n\u001b[31m`;
    const first = await reach().lease(owner, { deadline: Deadline.in(5) });
    const told: string[] = [];
    await refusal(reach().lease("b", { deadline: Deadline.in(1.5), waiting: (holder) => told.push(holder) }));
    expect(told[0]).toContain(`x'; touch /tmp/pwned; "$(touch /tmp/pwned)`);
    await first.release();
    expect((await mine.there.sh("test -e /tmp/pwned")).code).toBe(1);
  });

  it("is free at once when its holder is killed", async () => {
    const script = `
      import { Hosts, parseAccess } from ${JSON.stringify(new URL("../../hosts/index.ts", import.meta.url).href)};
      import { Deadline } from ${JSON.stringify(new URL("../../core/deadline.ts", import.meta.url).href)};
      const host = new Hosts(parseAccess(process.env.SSH_JSON, {})).at(JSON.parse(process.env.ADDRESS));
      await host.lease("doomed", { deadline: Deadline.in(5) });
      console.log("held");`;
    const address = { name: NAME, address: mine.there.address, port: 22, user: "deploy", hostKey: mine.there.hostKey };
    const ssh = JSON.stringify({ keys: mine.lab.key.file, agent: false, config: false });
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, SSH_JSON: ssh, ADDRESS: JSON.stringify(address) },
    });
    await heard(child, "held");
    const next = reach();
    await next.connect();
    const waiting = next.lease("next", { deadline: Deadline.in(10) });
    await sleep(500);
    const began = performance.now();
    child.kill("SIGKILL");
    await (await waiting).release();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("is lost to us before it is free for others when the network vanishes, and free within 30 s", async () => {
    const relay = await mine.there.relay();
    const lease = await reach({ address: relay.address, port: relay.port }).lease("frozen", { deadline: Deadline.in(5) });
    await sleep(6_000);
    expect(lease.lost.aborted).toBe(false);
    const waiting = reach().lease("next", { deadline: Deadline.in(40) });
    const began = performance.now();
    relay.freeze();
    let lostAt = Number.POSITIVE_INFINITY;
    lease.lost.addEventListener("abort", () => {
      lostAt = performance.now();
    });
    const next = await waiting;
    const freeAt = performance.now();
    expect(freeAt - began).toBeLessThan(30_000);
    expect(lostAt).toBeLessThan(freeAt);
    expect(lease.lost.reason).toBeInstanceOf(ConnectionLost);
    await next.release();
    await lease.release();
    await relay.close();
  });

  it("is lost with the connection", async () => {
    const relay = await mine.there.relay();
    const host = reach({ address: relay.address, port: relay.port });
    const lease = await host.lease("cut", { deadline: Deadline.in(5) });
    relay.cut();
    await once(lease.lost, "abort");
    expect(lease.lost.reason).toBeInstanceOf(ConnectionLost);
    await lease.release();
    await (await host.lease("again", { deadline: Deadline.in(5) })).release();
    await relay.close();
  });
});
