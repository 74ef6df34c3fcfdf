import type { HostName, Milliseconds, Seconds } from "../core/words.ts";
import type { Access } from "./access.ts";
import type { Address } from "./address.ts";
import { Connection } from "./connection.ts";
import { Docker } from "./docker.ts";
import { type WriteOptions, write } from "./files.ts";
import { type Lease, type LeaseOptions, Leases } from "./lease.ts";
import { type ProbeTarget, probe } from "./probe.ts";
import { type Ran, type RunOptions, run } from "./run.ts";
import type { Trace } from "./trace.ts";

/** A machine reached by SSH, with Docker. All of it goes over one connection. */
export class Host {
  readonly address: Address;
  readonly docker: Docker;
  readonly #connection: Connection;
  readonly #leases: Leases;

  constructor(address: Address, access: Access, trace: Trace) {
    this.address = address;
    this.#connection = new Connection(address, access, trace);
    this.#leases = new Leases(this.#connection);
    this.docker = new Docker(this.#connection, trace);
  }

  get name(): HostName {
    return this.address.name;
  }

  /** Resolves when the connection is up; rejects with the story of why it is not. */
  connect(): Promise<void> {
    return this.#connection.connect();
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

  /** One GET from the host's own network. Rejects with a short plain error: `connection refused`, `no answer in 5 s`. */
  probe(target: ProbeTarget, timeout: Seconds): Promise<{ status: number; ms: Milliseconds }> {
    return probe(this.#connection, target, timeout);
  }

  /** The exclusive right to change this host; waits until the deadline for it. */
  lease(owner: string, options: LeaseOptions): Promise<Lease> {
    return this.#leases.take(owner, options);
  }

  async close(): Promise<void> {
    this.docker.close();
    await this.#connection.close();
  }
}
