import { Host } from "./host.ts";
import type { Access } from "./ssh/access.ts";
import type { Address } from "./ssh/address.ts";
import { type Trace, traceTo } from "./ssh/trace.ts";

/** The hosts of one process: one connection each, opened on first use, shared by all callers. */
export class Hosts implements AsyncDisposable {
  readonly #access: Access;
  readonly #trace: Trace;
  readonly #hosts = new Map<string, Host>();
  #shared: Hosts | undefined;

  constructor(access: Access, trace: Trace = traceTo(undefined)) {
    this.#access = access;
    this.#trace = trace;
  }

  /** The same host for the same address. Under a different name it is a different host, since its messages say that name. */
  at(address: Address): Host {
    const { name, user, address: at, port, hostKey } = address;
    const key = JSON.stringify([name, user, at, port, hostKey]);
    const known = this.#hosts.get(key);
    if (known !== undefined) return known;
    const host = Host.at(address, this.#access, this.#trace);
    this.#hosts.set(key, host);
    return host;
  }

  /** The same hosts for looks before a change: see `Host.shared`. */
  get shared(): Hosts {
    this.#shared ??= new SharedHosts(this, this.#access, this.#trace);
    return this.#shared;
  }

  /** A host over its own connection: to verify that a new connection still works, or for many bytes. Close it after use. */
  apart(address: Address): Host {
    return Host.at(address, this.#access, this.#trace);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((host) => host.close()));
    this.#hosts.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class SharedHosts extends Hosts {
  readonly #hosts: Hosts;

  constructor(hosts: Hosts, access: Access, trace: Trace) {
    super(access, trace);
    this.#hosts = hosts;
  }

  override at(address: Address): Host {
    return this.#hosts.at(address).shared;
  }

  override get shared(): Hosts {
    return this;
  }

  override close(): Promise<void> {
    return this.#hosts.close();
  }
}
