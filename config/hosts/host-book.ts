import type { z } from "zod";
import { isSameAddress, pinFor } from "../../core/address.ts";
import type { HostName, RoleName } from "../../core/words.ts";
import type { HostProxyInput } from "../proxy/proxy.ts";
import { isAddress, isHostName, quoted, withoutBrackets } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import type { HetznerServers } from "./hetzner.ts";
import type { ExistingHost, Host } from "./host.ts";
import type { HostList, HostSection, HostsInput } from "./host-section.ts";
import { resolveHostKey, type Ssh } from "./ssh.ts";

/** A host of one role, with what differs for the role there. */
export interface Listed {
  readonly name: HostName;
  readonly tags: readonly string[];
  readonly proxy: HostProxyInput | undefined;
  readonly place: ConfigPath;
}

/** All hosts of a config, by name. Names and machines correspond one to one. */
export class HostBook {
  readonly #hosts = new Map<HostName, Host>();
  readonly #tagged = new Map<string, Set<HostName>>();
  readonly #ssh: Ssh;

  constructor(ssh: Ssh) {
    this.#ssh = ssh;
  }

  get all(): Host[] {
    return [...this.#hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Tag → the hosts that have it for any of their roles. */
  get tagged(): ReadonlyMap<string, ReadonlySet<HostName>> {
    return this.#tagged;
  }

  /** Adds hosts that have a name. Must precede `listed`, which may refer to these names. */
  addNamed(input: HostsInput, place: ConfigPath): void {
    if (Array.isArray(input)) return;
    for (const [name, value] of Object.entries(input)) {
      const here = place.at(name);
      if (!isHostName(name)) here.refuse(`${quoted(name)} is not a valid host name: use letters, digits, ., - and _`);
      const host = typeof value === "string" ? { address: value } : value;
      const spot = typeof value === "string" ? here : here.at("address");
      if (host.address === undefined) spot.refuse("is required");
      else if (!isAddress(host.address)) spot.refuse(notAnAddress(host.address));
      const key = host.host_key === undefined ? undefined : resolveHostKey(host.host_key, here.at("host_key"));
      this.#add(name, host.address ?? "", { ...host, key }, here);
    }
  }

  /** Adds the servers that a role creates: `web-1`, `web-2` … Must precede `addNamed`, whose names must differ. */
  addMade(role: RoleName, { count, ...machine }: HetznerServers, place: ConfigPath): Listed[] {
    return Array.from({ length: count }, (_, at) => {
      const name = `${role}-${at + 1}`;
      const { port, user } = this.#ssh;
      this.#hosts.set(name, { name, port, user, madeAt: "hetzner", machine });
      return { name, tags: [], proxy: undefined, place };
    });
  }

  /** Refuses pinned keys of no host while a host has none: the key may be meant for that one, which would trust known_hosts instead. */
  refuseStrayPins(place: ConfigPath): void {
    const hosts = this.all.filter((host) => host.madeAt === undefined);
    const bare = hosts.filter(({ hostKey }) => hostKey === undefined).map(({ name }) => name);
    const known = [...hosts.flatMap(({ name, address }) => [name, address]), this.#ssh.jump?.address ?? ""];
    if (bare.length === 0) return;
    for (const name of Object.keys(this.#ssh.hostKeys))
      if (!known.some((one) => isSameAddress(one, name)))
        place
          .at(name)
          .refuse(`is no host of this stack, and ${bare.join(", ")} ${bare.length === 1 ? "has" : "have"} no pinned key`);
  }

  /** One role's hosts: a list in the order written, a map in Pulumi's (sorted). */
  listed(input: HostsInput, place: ConfigPath): Listed[] {
    const all = this.#listed(input, place);
    for (const { name, tags: own } of all)
      for (const tag of own) this.#tagged.set(tag, (this.#tagged.get(tag) ?? new Set()).add(name));
    return all;
  }

  #listed(input: HostsInput, place: ConfigPath): Listed[] {
    if (!Array.isArray(input)) return Object.entries(input).map(([name, value]) => ofMap(name, value, place.at(name)));
    const items = input.flatMap((item, at) => ofList(item, place.at(at)));
    return items.filter(({ name, place: here }, at) => {
      if (items.slice(0, at).some((other) => other.name === name)) {
        here.refuse(`${quoted(name)} is listed twice`);
        return false;
      }
      this.named(name, here);
      return true;
    });
  }

  /** Adds a single host, given by the name of a known host or by an address. */
  named(text: string, place: ConfigPath): void {
    if (this.#hosts.has(text)) return;
    if (!isAddress(text)) place.refuse(notAnAddress(text));
    else this.#add(text, text, {}, place);
  }

  #add(
    name: HostName,
    address: string,
    own: { port?: number | undefined; user?: string | undefined; key?: string | undefined },
    place: ConfigPath,
  ): void {
    const key = own.key ?? pinFor(this.#ssh.hostKeys, name) ?? pinFor(this.#ssh.hostKeys, address);
    const host: ExistingHost = {
      name,
      address,
      port: own.port ?? this.#ssh.port,
      user: own.user ?? this.#ssh.user,
      ...(key === undefined ? {} : { hostKey: key }),
    };
    const known = this.#hosts.get(name);
    if (known?.madeAt !== undefined) {
      place.refuse(`${quoted(name)} is the name of a server that this stack creates at Hetzner`);
      return;
    }
    const isTwin = (other: Host) =>
      other.madeAt === undefined && isSameAddress(other.address, address) && other.port === host.port;
    const twin = this.all.find((other) => other.name !== name && isTwin(other));
    if (known && (known.address !== address || known.port !== host.port || known.user !== host.user)) {
      place.refuse(`${quoted(name)} names a different machine elsewhere: ${known.user}@${known.address}:${known.port}`);
    }
    if (twin && address !== "") place.refuse(`is the same machine as ${quoted(twin.name)}: use one name for it`);
    if (!known) this.#hosts.set(name, host);
  }
}

const ofMap = (name: HostName, value: string | z.infer<typeof HostSection>, place: ConfigPath): Listed =>
  typeof value === "string"
    ? { name, tags: [], proxy: undefined, place }
    : { name, tags: [value.tags ?? []].flat(), proxy: value.proxy, place };

function ofList(item: z.infer<typeof HostList>[number], place: ConfigPath): Listed[] {
  if (typeof item === "string") return [{ name: item, tags: [], proxy: undefined, place }];
  const [entry, ...others] = Object.entries(item);
  if (entry === undefined || others.length > 0) place.refuse("should name one host: address: tag");
  return entry === undefined ? [] : [{ name: entry[0], tags: [entry[1]].flat(), proxy: undefined, place: place.at(entry[0]) }];
}

function notAnAddress(text: string): string {
  const hint = /^[^:]+:\d+$/.test(text)
    ? "; set the port as name: {address, port}"
    : text.includes("@")
      ? "; set the user as name: {address, user}"
      : withoutBrackets(text);
  return `${quoted(text)} is not an address or host name${hint}`;
}
