import type { Duplex } from "node:stream";
import type { Deadline } from "../core/deadline.ts";
import type { HostName, Milliseconds, Seconds } from "../core/words.ts";
import type { ContainerFolder } from "./docker/archive.ts";
import { Docker } from "./docker/docker.ts";
import { type Holder, holderOf } from "./lease/holder.ts";
import { type Lease, type LeaseOptions, Leases } from "./lease/lease.ts";
import { addMissing } from "./machine/copy.ts";
import { type ProbeTarget, probe } from "./machine/probe.ts";
import { type TunnelEnd, tunnel } from "./machine/tunnel.ts";
import { type WriteOptions, write } from "./machine/write-file.ts";
import { KamalProxy } from "./proxy/kamal-proxy.ts";
import type { Access } from "./ssh/access.ts";
import type { Address } from "./ssh/address.ts";
import { Connection } from "./ssh/connection.ts";
import type { ConnectionLost } from "./ssh/connection-lost.ts";
import { type Ran, type RunOptions, run } from "./ssh/run.ts";
import type { Trace } from "./ssh/trace.ts";

/** A machine reached by SSH, with Docker. All of it goes over one connection. */
export class Host {
  readonly address: Address;
  readonly docker: Docker;
  readonly proxy: KamalProxy;
  readonly #connection: Connection;
  readonly #leases: Leases;
  readonly #trace: Trace;

  constructor(address: Address, access: Access, trace: Trace) {
    this.address = address;
    this.#trace = trace;
    this.#connection = new Connection(address, access, trace);
    this.#leases = new Leases(this.#connection);
    this.docker = new Docker(this.#connection, trace);
    this.proxy = new KamalProxy(this);
  }

  get name(): HostName {
    return this.address.name;
  }

  /** Resolves when the connection is up; rejects with the story of why it is not. @param within what it may take, if not the usual */
  connect(within?: Seconds): Promise<void> {
    return this.#connection.connect(within);
  }

  /** How the connection was lost the last time, if it ever was. */
  get lastLoss(): ConnectionLost | undefined {
    return this.#connection.lastLoss;
  }

  /** The next call connects anew: what a user may do on a host is decided when the connection is made. */
  renew(): Promise<void> {
    return this.close();
  }

  /** Runs one command: an argument array. Output is bounded to 1 MiB; a non-zero exit code is not an error. Default deadline: 30 s. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran> {
    return run(this.#connection, argv, options);
  }

  /**
   * Writes a whole file or nothing. Its folder must exist.
   *
   * @example await host.write("/etc/shop.env", "TOKEN=…\n", { mode: 0o600 });
   */
  write(path: string, content: string | Buffer, options: WriteOptions): Promise<void> {
    return write(this.#connection, path, content, options);
  }

  /**
   * Adds the files of one container's folder that an existing folder of another lacks: running or not, also of images without a
   * shell, also into a volume. Owners and modes stay; what is there is not touched. The data does not come through our line.
   *
   * @example await host.addMissing({ container: candidate, path: "/assets" }, { container: holder, path: "/volume" }, Deadline.in(60));
   */
  addMissing(from: ContainerFolder, to: ContainerFolder, deadline: Deadline): Promise<void> {
    return this.change("copy folder", () => addMissing(this.#connection, this.docker, from, to, deadline));
  }

  /** One GET from the host's own network. Rejects with a short plain error: `connection refused`, `no answer in 5 s`. */
  probe(target: ProbeTarget, timeout: Seconds): Promise<{ status: number; ms: Milliseconds }> {
    return probe(this.#connection, target, timeout);
  }

  /**
   * A stream to a port in the host's own network, through the SSH connection: nothing is published for it. Each direction ends by
   * itself. Rejects with a short plain error when nobody takes it: `connection refused`.
   */
  tunnel(to: TunnelEnd, deadline: Deadline): Promise<Duplex> {
    return tunnel(this.#connection, to, deadline);
  }

  /** The exclusive right to change this host; waits until the deadline for it. */
  lease(owner: string, options: LeaseOptions): Promise<Lease> {
    return this.#leases.take(owner, options);
  }

  /** Who holds the lease now; nothing is taken. */
  holder(): Promise<Holder | undefined> {
    return holderOf(this.#connection);
  }

  /** Runs a call that changes this host where the trace can see it; Docker's own requests that change something do so by themselves. */
  change<T>(what: string, run: () => Promise<T>): Promise<T> {
    return this.#trace.around({ host: this.name, what }, async () => {
      this.#connection.requireLease();
      return run();
    });
  }

  async close(): Promise<void> {
    this.docker.close();
    await this.#connection.close();
  }
}
