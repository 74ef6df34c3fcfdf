import { isIP } from "node:net";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { expandHome } from "../../core/key-files.ts";
import type { HostName } from "../../core/words.ts";
import { type Access, parseDestination } from "./access.ts";
import type { Address } from "./address.ts";
import { NotUnderstood, readSettings, type Settings } from "./ssh-config.ts";

/** One SSH server on the route to a host, with the settings of `~/.ssh/config`. The last hop is the host itself. */
export interface Hop {
  /** The host's name in the config, or the address of a jump host. */
  readonly name: HostName;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned in the config. */
  readonly hostKey?: string | undefined;
  /** The name to look up in known_hosts. */
  readonly knownAs: string;
  readonly knownHosts: readonly string[];
  /** Key files that `~/.ssh/config` sets for it. */
  readonly identities: readonly string[];
  /** Of the agent, only keys that a file names are offered. */
  readonly identitiesOnly: boolean;
  /** Socket of the ssh-agent. */
  readonly agent: string | undefined;
  readonly isJump: boolean;
}

/** The route to a host. `~/.ssh/config` sets what the stack's config leaves open: host name, port (if 22), keys, agent, jump hosts. */
export async function findHops(address: Address, access: Access): Promise<readonly Hop[]> {
  const known = (host: string, user: string) => settingsFor(host, user, address.name, access);
  const settings = await known(address.address, address.user);
  const target = hop({ ...address, isJump: false }, settings, access);
  if (access.jump === undefined) return [...(await proxyJumps(settings, address.name, access, known, [address.address])), target];
  const { jump } = access;
  return [...(await jumps({ name: jump.address, ...jump, isJump: true }, access, known, [])), target];
}

type Known = (host: string, user: string) => Promise<Settings>;

async function settingsFor(host: string, user: string, name: HostName, access: Access): Promise<Settings> {
  try {
    const settings = await readSettings(access.sshConfig, { host, user, home: access.home });
    if (isCanonicalized(host, settings))
      throw new NotUnderstood(`CanonicalizeHostname is not supported: ssh would look for ${host} in CanonicalDomains`);
    return settings;
  } catch (thrown) {
    if (!(thrown instanceof NotUnderstood)) throw thrown;
    throw unusable(
      name,
      `~/.ssh/config: ${thrown.message}`,
      "take it out of the blocks for this host, or set slipway:ssh.config to false",
    );
  }
}

/** With as many dots as this, or fewer, ssh completes a name. */
const USUAL_MAX_DOTS = 1;

function isCanonicalized(host: string, settings: Settings): boolean {
  const one = (keyword: string) => settings.get(keyword)?.[0]?.toLowerCase();
  if (!["yes", "true", "always"].includes(one("canonicalizehostname") ?? "no") || !settings.has("canonicaldomains")) return false;
  const dots = host.split(".").length - 1;
  return isIP(host) === 0 && dots <= Number(one("canonicalizemaxdots") ?? USUAL_MAX_DOTS);
}

type Wanted = Pick<Hop, "name" | "address" | "port" | "user" | "hostKey" | "isJump">;

async function jumps(wanted: Wanted, access: Access, known: Known, seen: readonly string[]): Promise<Hop[]> {
  const settings = await known(wanted.address, wanted.user);
  const before = await proxyJumps(settings, wanted.name, access, known, [...seen, wanted.address]);
  return [...before, hop(wanted, settings, access)];
}

async function proxyJumps(
  settings: Settings,
  name: HostName,
  access: Access,
  known: Known,
  seen: readonly string[],
): Promise<Hop[]> {
  const jump = settings.get("proxyjump")?.join(",");
  if (jump === undefined && settings.get("proxycommand")?.[0]?.toLowerCase() !== "none" && settings.has("proxycommand"))
    throw unusable(name, "ProxyCommand is not supported", "use ProxyJump for this host in ~/.ssh/config, or slipway:ssh.proxy");
  if (jump === undefined || jump.toLowerCase() === "none") return [];
  const hops = jump.split(",").map(async (text, index) => {
    const at = parseDestination(text.trim());
    if (at === undefined)
      throw unusable(name, `ProxyJump ${JSON.stringify(text)} is not user@host:port`, "correct ~/.ssh/config");
    if (seen.includes(at.address)) throw unusable(name, `ProxyJump loops back to ${at.address}`, "correct ~/.ssh/config");
    const own = await known(at.address, at.user ?? "");
    const user = at.user ?? own.get("user")?.[0] ?? process.env.USER ?? "root";
    const wanted = { name: at.address, address: at.address, port: at.port ?? 22, user, isJump: true };
    // As in ssh, only the first of a chain may have jump hosts of its own; the others are reached through it.
    return index === 0 ? jumps(wanted, access, known, seen) : [hop(wanted, own, access)];
  });
  return (await Promise.all(hops)).flat();
}

function hop(wanted: Wanted, settings: Settings, access: Access): Hop {
  const address = (settings.get("hostname")?.[0] ?? wanted.address).replaceAll("%h", wanted.address).replaceAll("%%", "%");
  const ownKnownHosts = settings.get("userknownhostsfile")?.filter((file) => file.toLowerCase() !== "none");
  const expanded = (file: string) => expandTokens(expandHome(file, access.home), { ...wanted, address }, access.home);
  return {
    name: wanted.name,
    address,
    port: wanted.port === 22 ? Number(settings.get("port")?.[0] ?? 22) : wanted.port,
    user: wanted.user,
    hostKey: wanted.hostKey,
    knownAs: settings.get("hostkeyalias")?.[0] ?? address,
    knownHosts: ownKnownHosts === undefined ? access.knownHosts : [...ownKnownHosts.map(expanded), ...access.knownHosts.slice(1)],
    agent: access.agentFrom === "config" ? access.agent : agentOf(settings, access, expanded),
    identitiesOnly: settings.get("identitiesonly")?.[0]?.toLowerCase() === "yes",
    identities: (settings.get("identityfile") ?? []).filter((file) => file.toLowerCase() !== "none").map(expanded),
    isJump: wanted.isJump,
  };
}

/** As `IdentityAgent` says: a path, a variable of the environment, or none. */
function agentOf(settings: Settings, access: Access, expanded: (file: string) => string): string | undefined {
  const said = settings.get("identityagent")?.[0];
  if (said === undefined || said === "SSH_AUTH_SOCK") return access.agent;
  if (said.toLowerCase() === "none") return undefined;
  if (said.startsWith("$")) return process.env[said.slice(1).replace(/^\{(.*)\}$/, "$1")] || undefined;
  return expanded(said);
}

const expandTokens = (file: string, { address, port, user }: Wanted, home: string): string =>
  file.replace(
    /%[%dhpr]/g,
    (token) => ({ "%%": "%", "%d": home, "%h": address, "%p": String(port), "%r": user })[token] ?? token,
  );

const unusable = (host: HostName, what: string, next: string) =>
  new SlipwayError({ code: "SSH_CONFIG_INVALID", what, host, servesNow: NOTHING_TOUCHED, next });
