import { z } from "zod";
import type { HostName } from "../core/words.ts";
import { isAddress, isHostName, quoted } from "./name.ts";
import type { Place } from "./problem.ts";
import { field, LATER, section } from "./section.ts";
import { portNumber, resolveHostKey, type Ssh } from "./ssh.ts";

/** A machine as the config names it. */
export interface Host {
  readonly name: HostName;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The key that it must show: `ssh-ed25519 AAAA…`. */
  readonly hostKey?: string;
}

const HostSection = section({
  address: field(z.string(), { is: "IP address or host name.", refused: "missing", example: "203.0.113.10" }),
  port: field(portNumber, { is: "Port of SSH.", otherwise: "ssh.port", example: 2222 }),
  user: field(z.string().min(1), { is: "User on the host.", otherwise: "ssh.user", example: "deploy" }),
  host_key: field(z.string(), {
    is: "The key that it must show.",
    otherwise: "ssh.host_keys, else known_hosts",
    example: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW",
  }),
});

const tagged = `tags of hosts are ${LATER}`;
export const HostList = z.array(
  z.string({ error: (issue) => (typeof issue.input === "object" && issue.input !== null ? tagged : undefined) }),
);
export const HostsSection = z.union([HostList, z.record(z.string(), z.union([z.string(), HostSection]))]);
export type HostsInput = z.infer<typeof HostsSection>;

/** All hosts of a config, by name. A name means one machine, and a machine has one name. */
export class HostBook {
  readonly #hosts = new Map<HostName, Host>();
  readonly #ssh: Ssh;

  constructor(ssh: Ssh) {
    this.#ssh = ssh;
  }

  get all(): Host[] {
    return [...this.#hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Takes in hosts that are written with a name. Comes before `listed`, which may use these names. */
  addNamed(input: HostsInput, place: Place): void {
    if (Array.isArray(input)) return;
    for (const [name, value] of Object.entries(input)) {
      const here = place.at(name);
      if (!isHostName(name)) here.refuse(`${quoted(name)} cannot name a host: letters, digits, ., - and _`);
      const host = typeof value === "string" ? { address: value } : value;
      const spot = typeof value === "string" ? here : here.at("address");
      if (host.address === undefined) spot.refuse("is required");
      else if (!isAddress(host.address)) spot.refuse(notAnAddress(host.address));
      const key = host.host_key === undefined ? undefined : resolveHostKey(host.host_key, here.at("host_key"));
      this.#add(name, host.address ?? "", { ...host, key }, here);
    }
  }

  /** The names of one role's hosts: a list in the order written, a map in Pulumi's (sorted). */
  listed(input: HostsInput, place: Place): HostName[] {
    if (!Array.isArray(input)) return Object.keys(input);
    for (const [at, name] of input.entries()) {
      const here = place.at(at);
      if (input.indexOf(name) < at) here.refuse(`${quoted(name)} is in the list twice`);
      else if (this.#hosts.has(name)) continue;
      else if (!isAddress(name)) here.refuse(notAnAddress(name));
      else this.#add(name, name, {}, here);
    }
    return [...new Set(input)];
  }

  #add(
    name: HostName,
    address: string,
    own: { port?: number | undefined; user?: string | undefined; key?: string | undefined },
    place: Place,
  ): void {
    const key = own.key ?? this.#ssh.hostKeys[name] ?? this.#ssh.hostKeys[address];
    const host: Host = {
      name,
      address,
      port: own.port ?? this.#ssh.port,
      user: own.user ?? this.#ssh.user,
      ...(key === undefined ? {} : { hostKey: key }),
    };
    const known = this.#hosts.get(name);
    const twin = this.all.find((other) => other.name !== name && other.address === address && other.port === host.port);
    if (known && (known.address !== address || known.port !== host.port || known.user !== host.user)) {
      place.refuse(`${quoted(name)} is another machine elsewhere: ${known.user}@${known.address}:${known.port}`);
    }
    if (twin && address !== "") place.refuse(`the same machine as ${quoted(twin.name)}: use one name for it`);
    if (!known) this.#hosts.set(name, host);
  }
}

function notAnAddress(text: string): string {
  const hint = /^[^:]+:\d+$/.test(text)
    ? "; write a port as name: {address, port}"
    : text.includes("@")
      ? "; write a user as name: {address, user}"
      : "";
  return `${quoted(text)} is not an address or host name${hint}`;
}
