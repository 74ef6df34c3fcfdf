import type { Duplex } from "node:stream";
import type { Deadline } from "../core/deadline.ts";
import type { HostName, Seconds } from "../core/words.ts";
import type { ContainerFolder } from "./docker/archive.ts";
import { Docker } from "./docker/docker.ts";
import { SharedDocker } from "./docker/shared-docker.ts";
import { DockerTransport } from "./docker/transport.ts";
import { type Freeze, type Freezing, freeze, freezesOn, thaw } from "./lease/freeze.ts";
import { type Holder, holdersOf } from "./lease/holder.ts";
import { type Entry, note, type Recorded, readJournal } from "./lease/journal.ts";
import { type LeaseOptions, Leases } from "./lease/lease.ts";
import type { Lease } from "./lease/on-host.ts";
import { addMissing } from "./machine/copy.ts";
import { installationOf, machineKey } from "./machine/identity.ts";
import { type ProbeAnswer, type ProbeTarget, probe } from "./machine/probe.ts";
import { type TunnelEnd, tunnel } from "./machine/tunnel.ts";
import { type WriteOptions, write } from "./machine/write-file.ts";
import { KamalProxy } from "./proxy/kamal-proxy.ts";
import { KAMAL_PROXY } from "./proxy/names.ts";
import type { Access } from "./ssh/access.ts";
import type { Address } from "./ssh/address.ts";
import { Connection } from "./ssh/connection.ts";
import type { ConnectionLost } from "./ssh/connection-lost.ts";
import { fingerprint, pinText } from "./ssh/host-keys.ts";
import { type CommandResult, type RunOptions, run } from "./ssh/run.ts";
import { type StreamOptions, stream } from "./ssh/stream.ts";
import type { Trace } from "./ssh/trace.ts";
import { OwnEnd } from "./watch/own-end.ts";
import { startWatch, type Watch, type Watched } from "./watch/watch.ts";

/** What all views of one host have in common. */
interface Way {
  readonly address: Address;
  readonly connection: Connection;
  readonly leases: Leases;
  readonly transport: DockerTransport;
  readonly trace: Trace;
}

/** A machine with Docker, reached by SSH. Everything goes over one connection. */
export class Host {
  readonly address: Address;
  readonly docker: Docker;
  readonly proxy: KamalProxy;
  readonly #connection: Connection;
  readonly #leases: Leases;
  readonly #trace: Trace;
  readonly #way: Way;
  #shared: Host | undefined;
  #machine: { readonly key: Promise<string>; readonly lastLoss: ConnectionLost | undefined } | undefined;

  private constructor(way: Way, docker: Docker) {
    const { address, connection, leases, trace } = way;
    this.#way = way;
    this.address = address;
    this.#trace = trace;
    this.#connection = connection;
    this.#leases = leases;
    this.docker = docker;
    this.proxy = new KamalProxy(this);
  }

  /** Connects at the first call. */
  static at(address: Address, access: Access, trace: Trace): Host {
    const connection = new Connection(address, access, trace);
    const transport = new DockerTransport(connection, trace);
    return new Host({ address, connection, leases: new Leases(connection), transport, trace }, new Docker(transport));
  }

  /**
   * The same host over the same connection, for a look before a change: its Docker is asked each question once, for all who look
   * (`SharedDocker`). What is read under a lease, or waited for, is asked of the host itself.
   */
  get shared(): Host {
    this.#shared ??= new Host(this.#way, new SharedDocker(this.#way.transport, this.#connection, KAMAL_PROXY));
    return this.#shared;
  }

  get name(): HostName {
    return this.address.name;
  }

  /** Resolves when the connection is open; rejects with `Unreachable`. @param within default: the access's `connectTimeout` */
  connect(within?: Seconds): Promise<void> {
    return this.#connection.connect(within);
  }

  /** The key that it showed at the last attempt to connect, trusted or not: as a pin, and as OpenSSH prints it. */
  get offeredKey(): { readonly pin: string; readonly fingerprint: string } | undefined {
    const key = this.#connection.offeredKey;
    return key && { pin: pinText(key), fingerprint: fingerprint(key.blob) };
  }

  /** The last loss of the connection. */
  get lastLoss(): ConnectionLost | undefined {
    return this.#connection.lastLoss;
  }

  /** Makes the next call reconnect: a user's groups are those at the time of the login. */
  renew(): Promise<void> {
    return this.close();
  }

  /** Which installation this is; `undefined` if it has no id of its own. */
  installation(): Promise<string | undefined> {
    return installationOf(this);
  }

  /** Runs one command. Output is bounded to 1 MiB; a non-zero exit code is not an error. Default deadline: 30 s. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult> {
    return run(this.#connection, argv, options);
  }

  /** Runs one command for as long as it takes, with its output as it comes; it ends with this process. Returns its exit code. */
  stream(argv: readonly string[], options: StreamOptions): Promise<number> {
    return stream(this.#connection, argv, options);
  }

  /**
   * Writes the file completely or not at all. Its folder must exist.
   *
   * @example await host.write("/etc/shop.env", "TOKEN=…\n", { mode: 0o600 });
   */
  write(path: string, content: string | Buffer, options: WriteOptions): Promise<void> {
    return write(this.#connection, path, content, options);
  }

  /**
   * Copies the files that the folder `to` lacks, on the host itself. The containers need not run, nor have a shell; the folder may be
   * in a volume and must exist. Owners and modes are kept; existing files are not touched.
   *
   * @example await host.addMissing({ container: candidate, path: "/assets" }, { container: holder, path: "/volume" }, Deadline.in(60));
   */
  addMissing(from: ContainerFolder, to: ContainerFolder, deadline: Deadline): Promise<void> {
    return this.change("copy folder", () => addMissing(this.#connection, this.docker, from, to, deadline));
  }

  /** One GET from the host's own network. Rejects with a short error: `connection refused`, `no answer in 5 s`. */
  probe(target: ProbeTarget, timeout: Seconds): Promise<ProbeAnswer> {
    return probe(this.#connection, target, timeout);
  }

  /**
   * A stream to a port in the host's own network, through the SSH connection, so that the port need not be published. Each direction
   * ends on its own. Rejects with a short error: `connection refused`.
   */
  tunnel(to: TunnelEnd, deadline: Deadline): Promise<Duplex> {
    return tunnel(this.#connection, to, deadline);
  }

  /**
   * Makes the host listen on a port of its loopback while the connection lives; each connection to it is a stream here. Many bytes belong
   * on a connection of their own (`Hosts.apart`).
   *
   * @param port 0: any that is free
   * @returns the port; `undefined` if sshd refuses
   */
  listen(port: number, accept: (stream: Duplex) => void): Promise<number | undefined> {
    return this.#connection.listen(port, accept);
  }

  /** Makes the host end this connection when this process is gone, even without a word. @param mark what it is for, in one word */
  ownEnd(mark: string): OwnEnd {
    return new OwnEnd(this.#connection, mark);
  }

  /**
   * Makes the host end a container, or a command in one, when this process is gone. Rejects with a short reason where it cannot: `its login
   * shell runs no commands`.
   */
  watch(watched: Watched): Promise<Watch> {
    return startWatch(this.#connection, watched);
  }

  /** Acquires the exclusive right to change this host, or an app there; waits for it until the deadline. */
  lease(owner: string, options: LeaseOptions): Promise<Lease> {
    return this.#leases.acquire(owner, options);
  }

  /** The lease if it is free at this moment; `undefined` if another run holds it. */
  tryLease(owner: string, options: Omit<LeaseOptions, "waiting">): Promise<Lease | undefined> {
    return this.#leases.tryAcquire(owner, options);
  }

  /**
   * A text that is equal for two hosts that are one machine under two names, addresses or ports. Its order is the same for all runs until
   * the machine reboots.
   */
  machine(): Promise<string> {
    const { lastLoss } = this.#connection;
    // Behind the same address there may be a different machine after a loss.
    if (this.#machine === undefined || this.#machine.lastLoss !== lastLoss) {
      const key = this.machineNow();
      this.#machine = { key, lastLoss };
      key.catch(() => {
        this.#machine = undefined;
      });
    }
    return this.#machine.key;
  }

  /** The same, asked at this moment: after a reboot in between, one machine would look like two. */
  machineNow(): Promise<string> {
    return machineKey(this);
  }

  /** The lease of this machine, which another `Host` holds, was lost: no change reaches the host before `forgetLease`. */
  loseLease(why: string): void {
    this.#connection.loseLease(why);
  }

  forgetLease(): void {
    this.#connection.forgetLease();
  }

  /** Throws if a lease of this host was lost and is not released yet: what was read since may be older than the changes of others. */
  requireLease(): void {
    this.#connection.requireLease();
  }

  /** Who holds the lease now: one run all of the machine, or several an app each. */
  holders(): Promise<Holder[]> {
    return holdersOf(this.#connection, "machine");
  }

  /** What keeps an app on this host from being changed, or any app: by a person, for a time, beside the lease. */
  freezes(app?: string): Promise<Freeze[]> {
    return freezesOn(this.#connection, app);
  }

  /** @returns whether it outlives a reboot of the host */
  freeze(freezing: Freezing): Promise<"kept" | "until reboot"> {
    return this.change("freeze", () => freeze(this.#connection, freezing));
  }

  thaw(app: string): Promise<void> {
    return this.change("thaw", () => thaw(this.#connection, app));
  }

  /** Adds a line to the journal of this host, for what is done without its lease. */
  note(entry: Entry, result: string): Promise<void> {
    return note(this.#connection, entry, result);
  }

  /** The newest lines of its journal, oldest first. */
  journal(lines: number): Promise<Recorded[]> {
    return readJournal(this.#connection, lines);
  }

  /** Runs a call that changes this host, visible to the trace. Requests to Docker that change something do this by themselves. */
  change<T>(what: string, run: () => Promise<T>): Promise<T> {
    return this.#trace.around({ host: this.name, what }, async () => {
      this.#connection.admitChange();
      return run();
    });
  }

  async close(): Promise<void> {
    this.docker.close();
    await this.#connection.close();
  }
}
