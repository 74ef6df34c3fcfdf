import { isIPv6 } from "node:net";
import { isMap } from "../../core/values.ts";
import type { Append, Edit } from "../reconfigure/yaml-edit.ts";
import { hostFor } from "./accessory.ts";
import { type Addition, refused, type Wrap } from "./addition.ts";
import type { StackText } from "./stack-text.ts";

const SERVERS = "slipway:servers";

export interface NewWorker {
  readonly command: string;
  /** The role's name. Default: `worker`. */
  readonly name?: string | undefined;
  /** A host of the stack. Default: the first one of the primary role. */
  readonly host?: string | undefined;
}

/** A role without requests, which runs another command of the app's image. */
export function planWorker({ command, name = "worker", host }: NewWorker, stack: StackText): Addition {
  const roles = rolesOf(stack);
  if (name in roles.named) throw refused(`there is a role ${name} already`, `choose another name: --name ${name}-2`);
  const on = hostFor(host, stack);
  return {
    what: `the role ${name} on ${on}: ${command}`,
    edits: [...roles.first, { path: [SERVERS, name], to: { hosts: [on], cmd: command } }],
    secrets: [],
    notes: [],
  };
}

export interface NewHost {
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Default: the primary one. */
  readonly role?: string | undefined;
  /** Default: the role's name with the next number. */
  readonly name?: string | undefined;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
}

/** One more host for a role. */
export function planHost(host: NewHost, stack: StackText): Addition {
  const { config } = stack;
  const { address, port, user, hostKey, role = config.roles[0]?.name ?? "web" } = host;
  const known = config.hosts.map(({ name }) => name);
  const own = config.hosts.find((one) => one.madeAt === undefined && one.address === address && (port ?? one.port) === one.port);
  if (own !== undefined && config.roles.some(({ name, hosts }) => name === role && hosts.includes(own.name)))
    throw refused(`${address} is a host of ${role} already: ${own.name}`, "slipway status shows all hosts");
  const roles = rolesOf(stack);
  if (!(role in roles.named))
    throw refused(`there is no role ${role} in the stack`, "name one of these with --role", [
      `roles: ${Object.keys(roles.named).join(", ")}`,
    ]);
  if (host.name !== undefined && known.includes(host.name) && own?.name !== host.name)
    throw refused(`there is a host ${host.name} already`, "choose another name: --name NAME");
  const isShort = Array.isArray(stack.at("servers"));
  const hosts = isShort ? { written: stack.at("servers"), path: [SERVERS] } : hostsOf(roles.named[role], [SERVERS, role]);
  const isPlain = port === undefined && user === undefined;
  const listed = hosts.written;
  const number = Array.from({ length: known.length + 1 }, (_, at) => `${role}-${at + 1}`).find((one) => !known.includes(one));
  // In a list, a host's name is its address.
  const name =
    own?.name ?? (Array.isArray(listed) && host.name === undefined && isPlain ? address : (host.name ?? number ?? address));
  if (Array.isArray(listed) && own === undefined && name !== address)
    throw refused(
      `the hosts of ${role} are a list of addresses, in which no host has a name, a port or a user of its own`,
      `write them as a map in the stack's file: hosts: { ${role}-1: ${String(listed[0] ?? "ADDRESS")} }`,
    );
  const entry = isPlain ? address : { address, ...(port === undefined ? {} : { port }), ...(user === undefined ? {} : { user }) };
  const added: Edit | Append = Array.isArray(listed)
    ? { path: hosts.path, append: name }
    : { path: [...hosts.path, name], to: entry };
  return {
    what: `the host ${name} (${isIPv6(address) ? `[${address}]` : address}) for the role ${role}`,
    edits: [added, { path: ["slipway:ssh", "host_keys", name], to: hostKey }],
    secrets: [],
    notes: [],
  };
}

export interface NewDomain {
  readonly name: string;
}

/** One more host name that reaches the app; the first gets a certificate. */
export function planDomain({ name }: NewDomain, stack: StackText): Addition {
  const proxy = stack.at("proxy");
  const written = isMap(proxy) ? proxy : {};
  const host = typeof written.host === "string" ? written.host : undefined;
  const hosts = Array.isArray(written.hosts) ? written.hosts.map(String) : [];
  const known = [...(host ?? "").split(",").map((one) => one.trim()), ...hosts].filter((one) => one !== "");
  if (known.includes(name)) throw refused(`the app has the host name ${name} already`, "slipway status shows all");
  const path = (key: string) => ["slipway:proxy", key];
  const edits: (Edit | Append)[] =
    host !== undefined
      ? [{ path: path("host"), to: `${host},${name}` }]
      : hosts.length > 0
        ? [{ path: path("hosts"), append: name }]
        : [{ path: path("host"), to: name }];
  const isFirst = known.length === 0 && written.ssl === undefined && (stack.config.roles[0]?.hosts.length ?? 0) < 2;
  return {
    what: `the host name ${name}${isFirst ? ", with a certificate from Let's Encrypt" : ""}`,
    edits: isFirst ? [...edits, { path: path("ssl"), to: true }] : edits,
    secrets: [],
    notes: [`the DNS record of ${name} has to lead to ${addressesOf(stack).join(", ")}: slipway doctor checks that`],
  };
}

const addressesOf = ({ config }: StackText): string[] =>
  config.hosts.flatMap((host) => {
    const isPrimary = config.roles[0]?.hosts.includes(host.name) ?? false;
    return isPrimary && host.madeAt === undefined ? [host.address] : [];
  });

/** The roles as they are written, and what has to be edited first so that others can be beside them. */
function rolesOf(stack: StackText): { readonly named: Readonly<Record<string, unknown>>; readonly first: readonly Wrap[] } {
  const servers = stack.at("servers");
  if (isMap(servers)) return { named: servers, first: [] };
  const primary = stack.config.roles[0]?.name ?? "web";
  return { named: { [primary]: { hosts: servers } }, first: [{ path: [SERVERS], below: [primary, "hosts"] }] };
}

/** Where the hosts of a role are written: below `hosts`, or in its place. */
function hostsOf(role: unknown, path: readonly string[]): { readonly written: unknown; readonly path: readonly string[] } {
  if (!isMap(role)) return { written: role, path };
  return { written: role.hosts, path: [...path, "hosts"] };
}
