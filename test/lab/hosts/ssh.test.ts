import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { ConnectionLost, type Host, type TraceEvent } from "../../../hosts/index.ts";
import { SHARES } from "../../../hosts/ssh/channels.ts";
import { fingerprint, parsePin } from "../../../hosts/ssh/host-keys.ts";
import { OneHost } from "../../../lab/one-host.ts";
import type { ReachOptions } from "../../../lab/reach.ts";
import { childOn, printed } from "./child.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");
const { name: NAME } = mine;

const reach = (options?: ReachOptions): Host => mine.reach(options);

const OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPVcl8aT4Q8bVZ1bGm1b0oVzKqDxQ7n2i0N0bq1a2Zk";
const fingerprintOf = (pin: string): string => fingerprint(parsePin(pin)?.blob ?? Buffer.alloc(0));

describe("a connection", () => {
  it("rejects an unknown host key, prints it and how to pin it", async () => {
    const story = await refusal(reach({ hostKey: undefined }).connect());
    expect(story.what).toContain("unknown");
    expect(story.evidence?.join("\n")).toContain(fingerprintOf(mine.there.hostKey));
    expect(story.next).toContain(`slipway:ssh.host_keys["${NAME}"]`);
    expect(story.servesNow).toContain("could not be asked");
  });

  it("rejects a changed host key and prints both fingerprints", async () => {
    const story = await refusal(reach({ hostKey: OTHER_KEY }).connect());
    expect(story.what).toContain("CHANGED");
    expect(story.evidence?.join("\n")).toContain(fingerprintOf(mine.there.hostKey));
    expect(story.evidence?.join("\n")).toContain(fingerprintOf(OTHER_KEY));
  });

  it("distinguishes a wrong name, a closed port, no route and a refused key", async () => {
    expect((await refusal(reach({ address: "no-such-host.invalid" }).connect())).what).toContain("does not resolve");
    expect((await refusal(reach({ port: 2 }).connect())).what).toContain("refused the connection");
    const silent = await refusal(reach({ address: "10.213.77.250", ssh: { connect_timeout: 1 } }).connect());
    expect(silent.what).toMatch(/within 1 s|no route/);
    const wrongUser = await refusal(reach({ user: "stranger" }).connect());
    expect(wrongUser.what).toContain("did not accept the login as stranger");
    expect(wrongUser.evidence?.join("\n")).toContain(`${mine.lab.key.file}: refused`);
    const noKey = await refusal(reach({ ssh: { keys: "/nowhere/key" } }).connect());
    expect(noKey.evidence).toEqual(["/nowhere/key: no such file"]);
  });

  it("gives up on a host that accepts connections and never answers", async () => {
    const relay = await mine.there.relay();
    relay.freeze();
    const began = performance.now();
    const story = await refusal(reach({ address: relay.address, port: relay.port, ssh: { connect_timeout: 1 } }).connect());
    expect(story.what).toContain("within 1 s");
    expect(performance.now() - began).toBeLessThan(2_000);
    await relay.close();
  });

  it("uses a jump host, and reports when that cannot reach the host", async () => {
    const ssh = { proxy: `root@${mine.there.address}:22`, host_keys: { [mine.there.address]: mine.there.hostKey } };
    const host = reach({ address: "127.0.0.1", ssh });
    expect((await host.run(["hostname"])).stdout.trim()).not.toBe("");
    const story = await refusal(reach({ address: "127.0.0.1", port: 2, ssh }).connect());
    expect(story.what).toContain("the jump host cannot reach");
    expect(story.evidence).toEqual(["Connection refused"]);
    expect(story.next).toContain("check that sshd is running on the host");
    const unpinned = await refusal(reach({ address: "127.0.0.1", ssh: { proxy: `root@${mine.there.address}:22` } }).connect());
    expect(unpinned.what).toContain(`jump host ${mine.there.address}: the host key`);
  });

  it("is one for 50 callers, and never exceeds a share of its channels", async () => {
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
    expect(events.filter(({ kind, what }) => kind === "channel" && what === "docker").length).toBeLessThanOrEqual(SHARES.request);
    expect(Math.max(...most)).toBeLessThanOrEqual(SHARES.command);
  });

  it("rejects what is in flight when it is lost, and the next call reconnects", async () => {
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

  it("waits while a host restarts its sshd", async () => {
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

  it("does not keep the process alive, and its loss does not end the process", async () => {
    const relay = await mine.there.relay();
    const address = { address: relay.address, port: relay.port };
    const idle = 'await host.docker.version(); console.log("idle");';
    expect(await once(childOn(mine, address, idle), "exit")).toEqual([0, null]);
    const child = childOn(mine, address, `${idle} setTimeout(() => console.log("alive"), 1000);`);
    await printed(child, "idle");
    relay.cut();
    await printed(child, "alive");
    expect(await once(child, "exit")).toEqual([0, null]);
    await relay.close();
  });
});

describe("an sshd with other settings", () => {
  const PORT = 2299;
  const stop = "if [ -e /run/odd.pid ]; then kill $(cat /run/odd.pid); while [ -e /run/odd.pid ]; do sleep 0.02; done; fi";
  afterEach(async () => void (await mine.there.must(stop)));

  // sshd daemonizes before it listens.
  const startSshd = (options: string) =>
    mine.there.must(
      `mkdir -p /run/sshd; ${stop}; /usr/sbin/sshd -p ${PORT} -o PidFile=/run/odd.pid ${options}; for _ in $(seq 250); do [ -e /run/odd.pid ] && exit 0; sleep 0.02; done; exit 1`,
    );

  it("that forbids socket forwarding is distinguished from missing permissions", async () => {
    await startSshd("-o AllowStreamLocalForwarding=no");
    const story = await refusal(reach({ port: PORT }).docker.version());
    expect(story.what).toContain("forbids forwarding to Docker's socket");
    expect(story.next).toContain("AllowStreamLocalForwarding yes");
  });

  it.each([
    ["AllowTcpForwarding=no", /AllowTcpForwarding yes/],
    ["PermitOpen=none", /no PermitOpen/],
    ["AllowStreamLocalForwarding=no", /AllowStreamLocalForwarding yes/],
    ["DisableForwarding=yes", /no DisableForwarding/],
  ])("that has %s is fixed by what the error says", async (option, remedy) => {
    await startSshd(`-o ${option}`);
    const story = await refusal(reach({ port: PORT }).docker.version());
    expect(story.next).toMatch(remedy);
  });

  it("that root may ask is quoted with the setting that forbids it", async () => {
    await mine.there.must(
      "cp /etc/ssh/sshd_config /tmp/sshd_config && sed -i 's/^AllowTcpForwarding .*/AllowTcpForwarding no/' /etc/ssh/sshd_config",
    );
    try {
      await startSshd("");
      const story = await refusal(reach({ port: PORT, user: "root" }).docker.version());
      expect(story.evidence).toContain("sshd -T: allowtcpforwarding no");
      expect(story.next).toBe("on the host, in sshd_config, for root: AllowTcpForwarding yes; then systemctl reload ssh");
    } finally {
      await mine.there.must("cp /tmp/sshd_config /etc/ssh/sshd_config");
    }
  });

  it("that has host keys of several types offers the pinned one", async () => {
    const ours = "/etc/ssh/ssh_host_ed25519_key";
    const make = ["rsa", "ecdsa"].map((type) => `rm -f /tmp/odd_${type}*; ssh-keygen -q -t ${type} -N '' -f /tmp/odd_${type}`);
    await mine.there.must(make.join(" && "));
    await startSshd(`-o HostKey=/tmp/odd_rsa -o HostKey=/tmp/odd_ecdsa -o HostKey=${ours}`);
    for (const hostKey of [
      mine.there.hostKey,
      await mine.there.must("cat /tmp/odd_rsa.pub"),
      await mine.there.must("cat /tmp/odd_ecdsa.pub"),
    ])
      expect((await reach({ port: PORT, hostKey }).run(["true"])).code).toBe(0);
    await startSshd("-f /dev/null -o HostKey=/tmp/odd_rsa");
    const story = await refusal(reach({ port: PORT }).connect());
    expect(story.what).toContain("CHANGED");
  });
});
