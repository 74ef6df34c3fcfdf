import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import type SSHConfig from "ssh-config";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { expandHome } from "../../core/key-files.ts";
import { isLike } from "../../core/wildcard.ts";
import type { HostName } from "../../core/words.ts";
import { type Access, parseDestination } from "./access.ts";
import type { Address } from "./address.ts";

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
  readonly isJump: boolean;
}

/** The route to a host. `~/.ssh/config` sets what the stack's config leaves open: host name, port (if 22), keys, jump hosts. */
export async function findHops(address: Address, access: Access): Promise<readonly Hop[]> {
  const config = await readSshConfig(access);
  return hopsTo(address, access, config);
}

type Settings = ReadonlyMap<string, readonly string[]>;
type Known = (host: string, user: string) => Settings;

/** Pure part of `findHops`. */
export function hopsTo(address: Address, access: Access, config: Known): readonly Hop[] {
  const settings = config(address.address, address.user);
  const target = hop({ ...address, isJump: false }, settings, access);
  if (access.jump !== undefined) {
    const jump = access.jump;
    return [...jumps({ name: jump.address, ...jump, isJump: true }, access, config, []), target];
  }
  return [...proxyJumps(settings, address.name, access, config, [address.address]), target];
}

type Wanted = Pick<Hop, "name" | "address" | "port" | "user" | "hostKey" | "isJump">;

function jumps(wanted: Wanted, access: Access, config: Known, seen: readonly string[]): Hop[] {
  const settings = config(wanted.address, wanted.user);
  return [...proxyJumps(settings, wanted.name, access, config, [...seen, wanted.address]), hop(wanted, settings, access)];
}

function proxyJumps(settings: Settings, name: HostName, access: Access, config: Known, seen: readonly string[]): Hop[] {
  const jump = settings.get("proxyjump")?.join(",");
  if (jump === undefined && settings.get("proxycommand")?.[0]?.toLowerCase() !== "none" && settings.has("proxycommand"))
    throw unusable(name, "ProxyCommand is not supported", "use ProxyJump for this host in ~/.ssh/config, or slipway:ssh.proxy");
  if (jump === undefined || jump.toLowerCase() === "none") return [];
  return jump.split(",").flatMap((text, index) => {
    const at = parseDestination(text.trim());
    if (at === undefined)
      throw unusable(name, `ProxyJump ${JSON.stringify(text)} is not user@host:port`, "correct ~/.ssh/config");
    if (seen.includes(at.address)) throw unusable(name, `ProxyJump loops back to ${at.address}`, "correct ~/.ssh/config");
    const own = config(at.address, at.user ?? "");
    const user = at.user ?? own.get("user")?.[0] ?? process.env.USER ?? "root";
    const wanted = { name: at.address, address: at.address, port: at.port ?? 22, user, isJump: true };
    // As in ssh, only the first of a chain may have jump hosts of its own; the others are reached through it.
    return index === 0 ? jumps(wanted, access, config, seen) : [hop(wanted, own, access)];
  });
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
    identities: (settings.get("identityfile") ?? []).filter((file) => file.toLowerCase() !== "none").map(expanded),
    isJump: wanted.isJump,
  };
}

const expandTokens = (file: string, { address, port, user }: Wanted, home: string): string =>
  file.replace(
    /%[%dhpr]/g,
    (token) => ({ "%%": "%", "%d": home, "%h": address, "%p": String(port), "%r": user })[token] ?? token,
  );

const unusable = (host: HostName, what: string, next: string) =>
  new SlipwayError({ code: "SSH_CONFIG_INVALID", what, host, servesNow: NOTHING_TOUCHED, next });

async function readSshConfig(access: Access): Promise<Known> {
  const text = (await Promise.all(access.sshConfig.map((file) => readWithIncludes(file, access.home, 0)))).join("\n");
  if (text.trim() === "") return () => new Map();
  const { default: Parser } = await import("ssh-config");
  return settingsFrom(Parser.parse(text));
}

/** The settings of a parsed `ssh_config` for a host, by lower-case keyword. */
export const settingsFrom =
  (config: SSHConfig): Known =>
  (host, user) =>
    new Map(
      Object.entries(config.compute({ Host: host, ...(user === "" ? {} : { User: user }) }, { ignoreCase: true })).map(
        ([key, value]) => [
          key.toLowerCase(),
          Array.isArray(value) ? value : /^(userknownhostsfile)$/i.test(key) ? value.split(/\s+/) : [value],
        ],
      ),
    );

/** `ssh-config` does not resolve `Include`. The limit of 16 levels is that of ssh. */
async function readWithIncludes(file: string, home: string, depth: number): Promise<string> {
  const text = await readIfPresent(file);
  if (depth >= 16 || !/^\s*include\s/im.test(text)) return text;
  const lines = await Promise.all(
    text.split("\n").map(async (line) => {
      const patterns = /^\s*include(?:\s+|\s*=\s*)(.+?)\s*$/i.exec(line)?.[1]?.split(/\s+/);
      if (patterns === undefined) return line;
      const files = (await Promise.all(patterns.map((pattern) => filesLike(pattern.replaceAll('"', ""), home)))).flat();
      return (await Promise.all(files.map((included) => readWithIncludes(included, home, depth + 1)))).join("\n");
    }),
  );
  return lines.join("\n");
}

async function filesLike(pattern: string, home: string): Promise<string[]> {
  const expanded = expandHome(pattern, home);
  const path = isAbsolute(expanded) ? expanded : join(home, ".ssh", expanded);
  if (!/[*?]/.test(path)) return [path];
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => isLike(basename(path), name))
    .sort()
    .map((name) => join(dirname(path), name));
}

/** Empty if the file is missing. */
export async function readIfPresent(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
