import { connect } from "node:net";
import { PassThrough, Readable } from "node:stream";
import Dockerode from "dockerode";
import { Deadline } from "../core/deadline.ts";
import type { Seconds } from "../core/words.ts";
import { type DockerEvent, readMutations } from "./events.ts";
import { followed } from "./image.ts";
import { PROXY_REPOSITORY } from "./proxy.ts";
import { Relay } from "./relay.ts";
import { inState } from "./state.ts";

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Address and identity of a host. */
export interface HostIdentity {
  /** @example "web-1" */
  readonly name: string;
  /** Address on the lab's bridge; sshd listens on port 22. */
  readonly address: string;
  /** The host's own SSH key: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** The id of the container that is this host. */
  readonly container: string;
}

/** How a host gets its content. */
export interface HostWays {
  /** The proxy's images, for `docker load`. */
  readonly proxyArchive: () => Promise<Buffer>;
  /** Only on a bare host: re-creates it and returns the id of its new container. */
  readonly renew?: () => Promise<string>;
}

const BOOT_TIMEOUT: Seconds = 40;
const APT_LOCKS = { packages: "/var/lib/dpkg/lock-frontend", lists: "/var/lib/apt/lists/lock" } as const;
const SUDOERS = "printf '%s\\n' >/etc/sudoers.d/deploy";
const FILL = "/var/lib/docker/lab-fill";
/** A socket that listens and never accepts: the kernel completes connections, and nothing answers. */
const SILENT_PORT = 5999;

function redirect(server: string): string {
  const [address, port] = server.split(":");
  return `OUTPUT -p tcp -d ${address} --dport ${port} -j REDIRECT --to-ports ${SILENT_PORT}`;
}

/** One server of the lab. Everything here bypasses SSH, so that a test's view never depends on what it tests. */
export class LabHost {
  readonly name: string;
  readonly address: string;
  readonly port = 22;
  readonly hostKey: string;
  /** Users that accept the lab's key: root, a user of Docker, a user without it. */
  readonly users = { root: "root", docker: "deploy", plain: "nodocker" } as const;
  /** The host's Docker engine, through its socket. */
  readonly docker: Dockerode;
  /** The same as a file of this machine. */
  readonly socket: string;
  /** `bare`: created without Docker, as by a provider. */
  readonly kind: "docker" | "bare";
  readonly #engine: Dockerode;
  #outer: Dockerode.Container;
  readonly #relays = new Set<Relay>();
  readonly #ways: HostWays;

  constructor(outer: Dockerode, { name, address, hostKey, container }: HostIdentity, ways: HostWays) {
    this.name = name;
    this.address = address;
    this.hostKey = hostKey;
    this.socket = inState("hosts", name, "run", "docker.sock");
    this.docker = new Dockerode({ socketPath: this.socket });
    this.kind = ways.renew === undefined ? "docker" : "bare";
    this.#engine = outer;
    this.#outer = outer.getContainer(container);
    this.#ways = ways;
  }

  /** The line for a known_hosts file. */
  get knownHosts(): string {
    return `${this.address} ${this.hostKey}\n`;
  }

  /** Runs a shell command on the host as root. Does not throw on a non-zero exit code. @example host.sh("ps aux") */
  async sh(script: string): Promise<Output> {
    const exec = await this.#outer.exec({ Cmd: ["bash", "-c", script], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    const [stdout, stderr] = [collect(), collect()];
    this.docker.modem.demuxStream(stream, stdout.sink, stderr.sink);
    await new Promise<void>((resolve, reject) => stream.once("end", resolve).once("error", reject));
    const { ExitCode } = await exec.inspect();
    return { code: ExitCode ?? -1, stdout: stdout.text(), stderr: stderr.text() };
  }

  /** Like `sh`, but throws if the command fails. Returns stdout. */
  async must(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.sh(script);
    if (code !== 0) throw new Error(`${this.name}: ${script}: exit code ${code}\n${stderr}${stdout}`);
    return stdout;
  }

  /** Changes in the host's Docker since then: all events except reads, execs and mounts. Throws if Docker may have dropped some. */
  mutations(since: Date): Promise<DockerEvent[]> {
    return readMutations(this.docker, since);
  }

  /** A relay on 127.0.0.1 to the host's sshd that counts, cuts, delays or freezes connections. Close it after use. */
  async relay(): Promise<Relay> {
    const relay = await Relay.to({ address: this.address, port: this.port });
    this.#relays.add(relay);
    return relay;
  }

  /** Stops Docker as `systemctl stop docker` does; its containers stop, too. */
  async stopDocker(): Promise<void> {
    await this.must("host-service docker stop");
  }

  /** `kill -9` of the Docker engine; containerd and the containers keep running. */
  async killDocker(): Promise<void> {
    await this.must("host-service docker kill");
  }

  /** Starts Docker and waits until it answers. No-op if it is running. */
  async startDocker(): Promise<void> {
    await this.must("host-service docker start");
    await this.#dockerUp(Deadline.in(BOOT_TIMEOUT));
  }

  async stopSsh(): Promise<void> {
    await this.must("host-service ssh stop");
  }

  async startSsh(): Promise<void> {
    await this.must("host-service ssh start");
    await this.#sshUp(Deadline.in(BOOT_TIMEOUT));
  }

  /** Kills every SSH session on the host; sshd accepts new ones. */
  async dropSessions(): Promise<void> {
    await this.must("host-service ssh drop");
  }

  /** A reboot: Docker stops, all processes end, the host comes back with its disk. */
  async restart(): Promise<void> {
    await this.sh("host-service docker stop");
    await this.crash();
  }

  /** A power failure and a boot. */
  async crash(): Promise<void> {
    await this.cutPower();
    await this.ready();
  }

  /** Like `crash`, but does not wait until sshd and Docker answer again. */
  async cutPower(): Promise<void> {
    await this.#outer.restart({ t: 0 });
  }

  /** Bare hosts only: from the next boot on, sshd starts that much later. 0 undoes it. */
  async delaySsh(seconds: Seconds): Promise<void> {
    await this.must(`mkdir -p /lab/faults && echo ${seconds} >/lab/faults/ssh-delay`);
  }

  /** Bare hosts only: sshd accepts no key for that long. Existing sessions stay. */
  async delayKeys(seconds: Seconds): Promise<void> {
    await this.must(`lab-fault keys ${seconds}`);
  }

  /**
   * Bare hosts only: holds a lock of apt for that long, as a nightly upgrade does.
   *
   * @param lock `packages`: nothing can be installed; `lists`: no list of packages can be fetched
   */
  async holdAptLock(seconds: Seconds, lock: keyof typeof APT_LOCKS = "packages"): Promise<void> {
    await this.must(`lab-fault lock ${seconds} ${APT_LOCKS[lock]}`);
  }

  /** Bare hosts only: `deploy` may use sudo only with a password, and has none. */
  async askSudoPassword(): Promise<void> {
    await this.must(`${SUDOERS} 'deploy ALL=(ALL:ALL) ALL'`);
  }

  /** Undoes `askSudoPassword`. */
  async freeSudo(): Promise<void> {
    await this.must(`${SUDOERS} 'deploy ALL=(ALL:ALL) NOPASSWD: ALL'`);
  }

  /** Bare hosts only: reboots from inside the host, that much later. Does not wait; `booted` does. */
  async reboot(after: Seconds = 0): Promise<void> {
    await this.must(`setsid sh -c 'sleep ${after}; reboot' >/dev/null 2>&1 </dev/null &`);
  }

  /** Bare hosts only: waits until it has booted that many times since it was created, and is ready. @example await host.booted(2) */
  async booted(times: number): Promise<void> {
    // it does not answer while it is down
    const boots = () =>
      this.sh("cat /lab/boots").then(
        ({ stdout }) => Number(stdout),
        () => 0,
      );
    const enough = async () => ((await boots()) >= times ? true : undefined);
    await Deadline.in(BOOT_TIMEOUT).until(enough, () => new Error(`${this.name} has not booted ${times} times`));
    await this.ready();
  }

  /** Leaves no free space for Docker and its containers. Only for a host with its own disk: `startLab({ disk })`. */
  async fillDisk(): Promise<void> {
    const kind = await this.must("stat -f -c %T /var/lib/docker");
    if (kind.trim() !== "tmpfs") throw new Error(`${this.name} has no disk of its own, so filling it would fill the machine's`);
    await this.must(`for size in 1M 4k; do dd if=/dev/zero of=${FILL}-$size bs=$size 2>/dev/null; done; true`);
  }

  /** Undoes `fillDisk`. */
  async freeDisk(): Promise<void> {
    await this.must(`rm -f ${FILL}-*`);
  }

  /** From now on that registry accepts this host's connections and never answers. @param server `host:port` with an IPv4 address */
  async hangRegistry(server: string): Promise<void> {
    await this.takePort(SILENT_PORT);
    await this.must(`iptables -t nat -I ${redirect(server)}`);
  }

  /** Undoes `hangRegistry`. */
  async answerRegistry(server: string): Promise<void> {
    await this.sh(`while iptables -t nat -D ${redirect(server)} 2>/dev/null; do :; done`);
    await this.freePort(SILENT_PORT);
  }

  /** A program listens on a TCP port. @example await host.takePort(80) */
  async takePort(port: number): Promise<void> {
    const listen = `my $socket = IO::Socket::INET->new(LocalPort => ${port}, Listen => 9, ReuseAddr => 1) or exit 1; sleep`;
    await this.must(`setsid perl -MIO::Socket::INET -e '${listen}' lab-port-${port} >/dev/null 2>&1 </dev/null &`);
    const taken = async () => ((await this.sh(`ss -Hltn sport = :${port} | grep -q .`)).code === 0 ? true : undefined);
    await Deadline.in(5).until(taken, () => new Error(`${this.name}: port ${port} could not be taken`));
  }

  /** Undoes `takePort`. */
  async freePort(port: number): Promise<void> {
    await this.sh(`pkill -KILL -f 'lab-por[t]-${port}'`);
  }

  /**
   * Makes it a fresh server: no containers, networks, volumes, images except kamal-proxy's, freezes, used ports or relays; Docker and sshd run.
   * SSH sessions stay: a test that leaves some ends them with `dropSessions`. A bare host is re-created, without Docker.
   */
  async reset(): Promise<void> {
    await Promise.all([...this.#relays].map((relay) => relay.close()));
    this.#relays.clear();
    if (this.#ways.renew !== undefined) {
      this.#outer = this.#engine.getContainer(await this.#ways.renew());
      return this.ready();
    }
    // a `docker cp` left by a killed run would keep its container from being removed
    await this.sh(`pkill -KILL -x docker; rm -f ${FILL}-*; rm -rf /var/lib/slipway`);
    await this.sh("pkill -KILL -f 'lab-por[t]-'; host-service ssh start; host-service docker start");
    await this.ready();
    const containers = await this.docker.listContainers({ all: true });
    await Promise.all(containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true, v: true })));
    await Promise.all([this.#removeNetworks(), this.#removeVolumes(), this.#removeImages()]);
    await this.ensureProxyImages();
  }

  /** Waits until sshd and Docker answer; on a bare host, Docker only if it is installed. */
  async ready(): Promise<void> {
    const deadline = Deadline.in(BOOT_TIMEOUT);
    const hasDocker = this.kind === "docker" || (await this.sh("systemctl is-enabled -q docker")).code === 0;
    await Promise.all([this.#sshUp(deadline), hasDocker && this.#dockerUp(deadline)]);
  }

  /** Loads the kamal-proxy images if the host lacks them. */
  async ensureProxyImages(): Promise<void> {
    const there = await this.docker.listImages({ filters: { reference: [`${PROXY_REPOSITORY}:*`] } });
    if (there.length > 1) return;
    await followed(this.docker, await this.docker.loadImage(Readable.from([await this.#ways.proxyArchive()])));
  }

  async #removeNetworks(): Promise<void> {
    const networks = await this.docker.listNetworks();
    const ours = networks.filter(({ Name }) => !["bridge", "host", "none"].includes(Name));
    await Promise.all(ours.map(({ Id }) => this.docker.getNetwork(Id).remove()));
  }

  async #removeVolumes(): Promise<void> {
    const { Volumes } = await this.docker.listVolumes();
    await Promise.all(Volumes.map(({ Name }) => this.docker.getVolume(Name).remove({ force: true })));
  }

  async #removeImages(): Promise<void> {
    const images = await this.docker.listImages({ all: true });
    const others = images.filter(({ RepoTags }) => !RepoTags?.some((tag) => tag.startsWith(`${PROXY_REPOSITORY}:`)));
    await Promise.all(others.map(({ Id }) => this.docker.getImage(Id).remove({ force: true })));
  }

  async #dockerUp(deadline: Deadline): Promise<void> {
    const answers = () =>
      this.docker.ping().then(
        () => true,
        () => undefined,
      );
    await deadline.until(answers, () => new Error(`${this.name}: Docker does not answer; see /var/log/dockerd.log on it`));
  }

  async #sshUp(deadline: Deadline): Promise<void> {
    const answers = () => greets(this.address, this.port);
    await deadline.until(answers, () => new Error(`${this.name}: sshd does not answer; see /var/log/sshd.log on it`));
  }
}

/** Whether an SSH server answers there; an open port is not enough. */
function greets(address: string, port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    const end = (greeted: true | undefined) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.once("data", (chunk) => end(chunk.toString().startsWith("SSH-") ? true : undefined));
    for (const event of ["error", "timeout", "close"] as const) socket.once(event, () => end(undefined));
  });
}

function collect(): { sink: PassThrough; text: () => string } {
  const sink = new PassThrough();
  const chunks: Buffer[] = [];
  sink.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { sink, text: () => Buffer.concat(chunks).toString() };
}
