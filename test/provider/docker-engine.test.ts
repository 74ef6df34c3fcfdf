import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { diskOf } from "../../hosts/index.ts";
import { bootedHost, bootMachine, removeBooted } from "../../lab/cloud-init.ts";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { Operator } from "../../lab/reach.ts";
import { Engine } from "../support/docker-engine.ts";
import { hostOf } from "../support/hosts.ts";

const DAEMON_JSON = "/etc/docker/daemon.json";
const OURS = { "log-driver": "json-file", "log-opts": { "max-size": "10m", "max-file": "5" }, "live-restore": true };
const CONTAINER = "outlives";
let lab: Lab;
let host: LabHost;
let engine: Engine;

beforeAll(async () => {
  lab = await startLab({ hosts: [hostFor("eng")], bare: true });
  host = hostOf(lab);
  engine = new Engine(lab, host);
});

const settings = async (): Promise<unknown> => JSON.parse(await host.must(`cat ${DAEMON_JSON}`));
const hasDocker = async (): Promise<boolean> => (await host.sh("command -v dockerd")).code === 0;
const mark = (): Promise<string> =>
  host.must(`stat -c '%n %Y %i' /etc/docker /etc/docker/* /etc/apt/sources.list.d/* /etc/group; pgrep -x dockerd`);
/** What stands for https://download.docker.com on this host. */
const mirror = (): { mirror: string; fingerprint: string } => {
  const { docker, dockerFingerprint: fingerprint } = lab.archive;
  return { mirror: docker.replace(/\/linux\/debian$/, ""), fingerprint };
};

describe("a server without Docker", () => {
  beforeEach(async () => {
    engine.heard = () => {};
    engine.forget();
    await host.reset();
  });

  it("gets it as root, enabled and with bounded logs, and then nothing more", async () => {
    const { state } = await engine.done();
    expect(state.found).toMatchObject({ kind: "present", version: expect.stringMatching(/^26\.1\./) });
    expect(await settings()).toEqual(OURS);
    expect(await host.must(`stat -c '%a %U' ${DAEMON_JSON}; systemctl is-enabled docker`)).toBe("644 root\nenabled\n");
    const { LiveRestoreEnabled, LoggingDriver } = await host.docker.info();
    expect({ LiveRestoreEnabled, LoggingDriver }).toEqual({ LiveRestoreEnabled: true, LoggingDriver: "json-file" });

    const before = await mark();
    const again = await engine.done();
    expect(await mark()).toBe(before);
    expect(again.statuses).toEqual([]);
    const { text, trace } = await engine.look();
    expect(text).toBe("");
    // One call of Docker's API on one connection; nothing is run on the host.
    const asked = ({ kind, what }: (typeof trace)[number]) => `${kind} ${what}`;
    expect(trace.map(asked)).toEqual(["connect ssh", "channel docker", "docker version"]);
    expect(again.trace.map(asked)).toEqual(["connect ssh", "channel docker", "docker version"]);
  });

  it("gets it as a user with sudo, who may use it in the same run; apt's lock is waited for, and whose it is, is said", async () => {
    await host.holdAptLock(4);
    const { state, statuses, seconds } = await engine.done({ host: { user: "deploy" } });
    expect(state.found.kind).toBe("present");
    expect(await host.must("id -nG deploy")).toMatch(/\bdocker\b/);
    expect(statuses.join("\n")).toMatch(/waiting for unattended-upgr.* \(process \d+\), which holds apt's lock \(\d+ s\)/);
    expect(seconds).toBeGreaterThan(4);

    // From now on sudo is not needed.
    await host.askSudoPassword();
    const before = await mark();
    expect((await engine.done()).statuses).toEqual([]);
    expect(await mark()).toBe(before);
  });

  it("stays unchanged when no user may change it, and the error names the two commands that do", async () => {
    const { error } = await engine.refused({ host: { user: "nodocker" } });
    const commands = ["apt-get update && apt-get install -y docker.io docker-cli", "usermod -aG docker nodocker"] as const;
    expect(error).toContain("nodocker is not root and has no passwordless sudo");
    expect(error).toContain(`next: have an administrator run on ${host.name}, as root: ${commands.join("; then: ")}`);
    expect(await host.sh("ls /etc/docker/daemon.json")).toMatchObject({ code: 2 });
    expect(await hasDocker()).toBe(false);

    for (const command of commands) await host.must(`DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; ${command}`);
    const { state, statuses } = await engine.done();
    expect(state.found.kind).toBe("present");
    expect(statuses).toEqual([]);
  });

  it("stays as it is where that is wanted, or where the distribution is not known", { tags: "long" }, async () => {
    expect((await engine.refused({ install: false })).error).toMatch(
      /Docker is not installed.*next: install Docker Engine on the host/s,
    );
    await host.must(
      "cp /etc/os-release /tmp/os-release; rm /etc/os-release; printf 'ID=void\\nPRETTY_NAME=Void\\n' >/etc/os-release",
    );
    const { error } = await engine.refused({ install: true });
    expect(error).toMatch(/Slipway cannot install Docker on Void\n.*it can on Debian, Ubuntu, Fedora/);
    expect(await host.sh("ls /etc/docker/daemon.json")).toMatchObject({ code: 2 });
  });

  it("gets it from Docker's own repository in the pinned version, with the pinned key alone, and later a newer one", {
    tags: "long",
  }, async () => {
    const [older, newer] = lab.archive.dockerVersions;
    const wrong = await engine.refused({ ...mirror(), fingerprint: "AB".repeat(20), version: older });
    expect(wrong.error).toContain("is signed by a key that differs from the pinned one, and was not added");
    expect(wrong.error).toContain(`found:  ${lab.archive.dockerFingerprint}`);
    expect(await host.sh("ls /etc/apt/sources.list.d/slipway-docker.sources")).toMatchObject({ code: 2 });
    expect(await hasDocker()).toBe(false);

    const { state } = await engine.done(mirror());
    expect(state.found).toMatchObject({ kind: "present", version: expect.stringMatching(`^${older.replaceAll(".", "\\.")}`) });
    expect(await host.must("dpkg -l docker-ce docker-ce-cli containerd.io | grep -c ^ii")).toBe("3\n");

    const { text, found } = await engine.look({ version: newer });
    expect(text).toMatch(new RegExp(`Docker ${older}\\S* found, ${newer} wanted: upgrade$`));
    expect(found).toMatchObject({ found: "drift", inputs: { version: expect.stringMatching(`^${older}`) } });
    expect((await engine.done()).state.found).toMatchObject({ version: expect.stringMatching(`^${newer}`) });
    // Never an older one.
    expect((await engine.look({ version: older })).text).toBe("");
  });

  it("keeps its data where daemon.json says, and that is the disk whose space counts", { tags: "long" }, async () => {
    await host.must("mkdir -p /srv/docker && mount -t tmpfs -o size=300m tmpfs /srv/docker");
    await engine.done({ settings: { "data-root": "/srv/docker" } });
    const operator = new Operator(lab);
    const disk = await diskOf(operator.reach(host, { user: "root" }));
    await operator.close();
    expect(disk?.path).toBe("/srv/docker");
    expect(disk?.free).toBeLessThan(300 * 1024 * 1024);
  });

  it("is waited for while it starts, and through a reboot in the middle of the packages", { tags: "long" }, async () => {
    await host.delaySsh(3);
    await host.cutPower();
    let cut: Promise<void> | undefined;
    const cutPower = async () => {
      await host.must("timeout 30 sh -c 'until pgrep -x dpkg >/dev/null; do sleep 0.05; done'");
      await host.cutPower();
    };
    engine.heard = (status) => {
      if (status.startsWith("install docker.io")) cut ??= cutPower();
    };
    const { state, statuses } = await engine.done({ patience: 60 });
    await cut;
    expect(cut).toBeDefined();
    expect(state.found.kind).toBe("present");
    expect(await settings()).toEqual(OURS);
    const said = statuses.join("\n");
    expect(said).toMatch(/waiting for \S+: its SSH port is closed \(\d+ s\)/);
    expect(statuses.filter((status) => status === "apt-get update").length).toBeGreaterThan(1);
  });
});

describe("a new server that does not come", () => {
  beforeAll(async () => {
    engine.heard = () => {};
    await host.reset();
  });

  it("is waited for until our key is in, and does not shut us out for asking", { tags: "long" }, async () => {
    await host.must("echo 'PerSourcePenalties yes' >/etc/ssh/sshd_config.d/penalties.conf && systemctl restart ssh");
    await host.delayKeys(6);
    engine.forget({ patience: 30, install: false });
    const { error, statuses } = await engine.refused();
    expect(statuses.join("\n")).toContain("our key is not accepted yet");
    expect(error).toContain("Docker is not installed");
    expect(statuses.join("\n")).not.toContain("sshd closes the connection");
    await host.must("rm /etc/ssh/sshd_config.d/penalties.conf && systemctl restart ssh");
  });

  it("is not waited for when it is not the one that we know, nor when it is no new one", async () => {
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
    engine.forget({ patience: 30, host: { hostKey: other } });
    const distrusted = await engine.refused();
    expect(distrusted.error).toContain("has CHANGED; someone may be intercepting the connection");
    expect(distrusted.seconds).toBeLessThan(3);
    engine.forget({ host: { port: 2 } });
    const closed = await engine.refused();
    expect(closed.error).toContain("refused the connection");
    expect(closed.seconds).toBeLessThan(3);
  });

  it("is waited for until cloud-init is through, which says its stage and its errors", async () => {
    const running = '{"v1": {"stage": "modules-final"}}';
    await host.must(`mkdir -p /run/cloud-init && echo '${running}' >/run/cloud-init/status.json`);
    engine.forget({ patience: 30, install: false });
    const result = '{"v1": {"errors": ["a command failed"]}}';
    engine.heard = (status) => {
      if (status.includes("cloud-init is still running (modules-final)"))
        void host.must(
          `echo '${result}' >/run/cloud-init/result.tmp && mv /run/cloud-init/result.tmp /run/cloud-init/result.json`,
        );
    };
    const { statuses, warnings } = await engine.refused();
    expect(statuses.join("\n")).toContain("cloud-init is still running (modules-final)");
    expect(warnings).toEqual([`${host.name}: cloud-init ended with errors: a command failed`]);
  });

  it("has an end: the error says what was seen, and since when", async () => {
    await host.delayKeys(4);
    engine.forget({ patience: 2 });
    const { error, seconds } = await engine.refused();
    expect(error).toMatch(
      /the new machine was not ready within [23] s: our key is not accepted yet\n {2}\| after 0 s: our key is not accepted yet/,
    );
    expect(error).toMatch(/did not accept the login as root/);
    expect(error).toMatch(/next: .*ssh-copy-id/);
    expect(seconds).toBeLessThan(6);
  });
});

describe("a server that had its Docker before", () => {
  const FOREIGN = { labels: ["owner=operator"], "log-opts": { tag: "theirs" } };

  beforeAll(async () => {
    engine.heard = () => {};
    await host.reset();
    await host.must(`mkdir -p /etc/docker && echo '${JSON.stringify(FOREIGN)}' >${DAEMON_JSON}`);
    await host.must("export DEBIAN_FRONTEND=noninteractive; apt-get update && apt-get install -y docker.io");
    await host.ready();
    await host.ensureProxyImages();
    engine.forget();
    await host.must(`docker run -d --restart unless-stopped --name ${CONTAINER} basecamp/kamal-proxy:v0.9.2`);
  });

  const started = (): Promise<string> => host.must(`docker inspect -f '{{.State.Pid}} {{.State.StartedAt}}' ${CONTAINER}`);

  it("keeps its settings, and is not changed", async () => {
    const before = await mark();
    expect((await engine.done()).statuses).toEqual([]);
    expect(await mark()).toBe(before);
    expect(await settings()).toEqual(FOREIGN);
  });

  it("says that containers stop, where a restart is needed and they do not outlive it", async () => {
    const { text } = await engine.look({ settings: { "log-opts": { "max-size": "7m" } } });
    expect(text).toMatch(/set log-opts in daemon\.json · restart Docker: 1 container stops for a few seconds$/);
  });

  it("takes over what is declared, beside what others wrote; containers outlive it with live-restore", async () => {
    const before = await started();
    const wanted = { "live-restore": true, "log-opts": { "max-size": "7m" } };
    expect((await engine.look({ settings: wanted })).text).toMatch(/ · restart Docker$/);
    const { state } = await engine.done();
    expect(state.found).toMatchObject({ kind: "present", settings: { "live-restore": true } });
    expect(await settings()).toEqual({ ...FOREIGN, "live-restore": true, "log-opts": { tag: "theirs", "max-size": "7m" } });
    expect(await started()).toBe(before);
    expect((await engine.look()).text).toBe("");
  });

  it("is reloaded, not restarted, where that is enough", async () => {
    const pid = await host.must("pgrep -x -o dockerd");
    await engine.done({ settings: { "live-restore": true, "registry-mirrors": ["https://mirror.example.com"] } });
    expect(await host.must("pgrep -x -o dockerd")).toBe(pid);
    const answers = async () => (await host.docker.info()).RegistryConfig.Mirrors;
    expect(await answers()).toEqual(["https://mirror.example.com/"]);
  });

  it("shows what was changed by hand, and repairs it", async () => {
    await host.must(`sed -i 's/mirror.example.com/other.example.com/' ${DAEMON_JSON}`);
    const { found, text } = await engine.look();
    expect(found).toMatchObject({ found: "drift", inputs: { settings: { "registry-mirrors": ["https://other.example.com"] } } });
    expect(text).toMatch(/set registry-mirrors in daemon\.json · reload Docker$/);
    await host.must(`chmod 600 ${DAEMON_JSON}`);
    await engine.done();
    expect(await settings()).toMatchObject({ "registry-mirrors": ["https://mirror.example.com"], labels: FOREIGN.labels });
    expect(await host.must(`stat -c '%a %U' ${DAEMON_JSON}`)).toBe("600 root\n");
    await host.must(`chmod 644 ${DAEMON_JSON}`);
  });

  it("is looked at with sudo where only root may read its settings, and is unreachable without", async () => {
    await host.must(`usermod -aG docker deploy; usermod -aG docker nodocker; chmod 600 ${DAEMON_JSON}`);
    expect((await engine.look({ host: { user: "deploy" } })).found.found).toBe("same");
    expect((await engine.look({ host: { user: "nodocker" } })).text).toMatch(
      /unreachable: .*daemon\.json cannot be read by nodocker/,
    );
    await host.must(`chmod 644 ${DAEMON_JSON}`);
    await engine.look({ host: { user: "root" } });
  });

  it("keeps what it has when Docker would not take the new settings", async () => {
    const before = await host.must(`cat ${DAEMON_JSON}`);
    const { error } = await engine.refused({ settings: { "live-restore": "perhaps" } });
    expect(error).toMatch(/Docker does not accept these settings\n {2}\| .*serves now: what served before; nothing was changed/s);
    expect(await host.must(`cat ${DAEMON_JSON}; ls -A /etc/docker`)).toBe(`${before}certs.d\ndaemon.json\n`);
  });

  it("gets its old settings back when Docker does not start with the new ones", async () => {
    const before = await settings();
    const container = await started();
    // A folder that cannot be made: nothing that Docker looks at before it starts.
    const { error } = await engine.refused({ settings: { "live-restore": true, "exec-root": "/proc/nowhere" } });
    expect(error).toMatch(/serves now: what served before on \S+, on Docker with its old settings/);
    expect(await settings()).toEqual(before);
    expect(await started()).toBe(container);
  });

  it("is not touched while daemon.json is no JSON", async () => {
    const good = await host.must(`cat ${DAEMON_JSON}`);
    await host.must(`echo '{ debug: yes }' >${DAEMON_JSON}`);
    const { error } = await engine.refused({ settings: { debug: true } });
    expect(error).toContain(`${DAEMON_JSON} is not a JSON object`);
    expect(await host.must(`cat ${DAEMON_JSON}`)).toBe("{ debug: yes }\n");
    await host.must(`cat >${DAEMON_JSON} <<'END'\n${good}END`);
  });

  it("is started where it was stopped, with sudo by a user of the group", async () => {
    engine.forget({ host: { user: "deploy" } });
    await engine.done();
    await host.stopDocker();
    const { text } = await engine.look();
    expect(text).toMatch(/start Docker, found stopped \(drift\) {3}was down$/);
    expect((await engine.done()).state.found.kind).toBe("present");
  });

  it("cannot be read while the host does not answer, which is shown and not an error", async () => {
    await host.stopSsh();
    const { text } = await engine.look();
    expect(text).toMatch(/unreachable: .*refused the connection/);
    await host.startSsh();
  });
});

describe("a new server that sets itself up", { tags: "long" }, () => {
  const NAME = hostFor("eng-made");
  afterAll(() => removeBooted(NAME));

  it("gets its Docker when cloud-init is through, which reboots in between, for a user of cloud-init's", async () => {
    const key = (await readFile(`${lab.key.file}.pub`, "utf8")).trim();
    const user = {
      name: "ops",
      sudo: "ALL=(ALL) NOPASSWD:ALL",
      shell: "/bin/bash",
      lock_passwd: true,
      ssh_authorized_keys: [key],
    };
    const data = { users: [user], package_update: true, packages: ["jq"], runcmd: ["sleep 1", "reboot"] };
    await bootMachine(NAME, `#cloud-config\n${JSON.stringify(data)}\n`, { sshDelay: 2, pause: 4 });
    const made = await bootedHost(NAME);
    const { state, statuses } = await new Engine(lab, made).done({ patience: 90, host: { user: "ops" } });
    expect(state.found.kind).toBe("present");
    const said = statuses.join("\n");
    expect(said).toContain("its SSH port is closed");
    expect(said).toContain("cloud-init is still running");
    expect(await made.must("id -nG ops; command -v jq")).toMatch(/\bdocker\b.*\/usr\/bin\/jq/s);
  });
});
