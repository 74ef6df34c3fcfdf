import { type Docker, resolveDocker } from "./hosts/docker.ts";
import { type Firewall, resolveFirewall } from "./hosts/firewall.ts";
import { type Harden, resolveHarden } from "./hosts/harden.ts";
import { resolveHostKey } from "./hosts/ssh.ts";
import { withYamlKeys } from "./program-keys.ts";
import { type ProxyRun, resolveProxyRun } from "./proxy/run.ts";
import { ROOT_KEYS, Root } from "./root.ts";
import { isHostName, quoted } from "./schema/name.ts";
import { type Key, Problems } from "./schema/problem.ts";
import { section } from "./schema/section.ts";
import { readShape } from "./schema/shape.ts";

/** What belongs to one server, however many apps run there; resolved. */
export interface ServerPart {
  readonly docker: Docker;
  readonly firewall: Firewall | undefined;
  readonly harden: Harden | undefined;
  /** undefined: no proxy runs there. */
  readonly proxyRun: ProxyRun | undefined;
}

/** The arguments of a server in a program: the keys of a stack's file, in camel case. */
export interface ServerValues {
  readonly docker?: unknown;
  readonly firewall?: unknown;
  readonly harden?: unknown;
  /** How kamal-proxy runs; `false`: it does not. */
  readonly proxy?: unknown;
  /** If it is known already. */
  readonly hostKey?: string | undefined;
}

const ServerSection = section({ docker: Root.docker, firewall: Root.firewall, harden: Root.harden, proxy: Root.proxy });

/** Reads the arguments of a server, or throws one error with all that is wrong with them. */
export function parseServer(name: string, values: ServerValues): ServerPart {
  const names = new Map<string, string>();
  const problems = new Problems({ scalars: [], hidden: new Set(), names });
  const part = readServer(name, values, problems, names);
  if (!problems.none) throw problems.error(`the arguments of the server ${name}`, ROOT_KEYS);
  return part;
}

/** The parts of a server that a program may have without it. */
export interface ServerParts {
  readonly docker: Docker;
  readonly firewall: Firewall;
  readonly harden: Harden;
  readonly proxy: ProxyRun;
}

/** Where a server has the arguments of a part. A hardening has them in `harden` as well: its own `user` is who logs in before it. */
const PLACES: { readonly [K in keyof ServerParts]: readonly Key[] } = {
  docker: ["docker"],
  firewall: ["firewall"],
  harden: [],
  proxy: ["proxy", "run"],
};

/** The machine of a part, and what errors call the arguments: `the arguments of the firewall web-1`. */
export interface PartOwner extends Pick<ServerValues, "hostKey"> {
  readonly name: string;
  readonly file: string;
}

/** Reads the arguments of one part, which are those that a server has for it. */
export function parsePart<K extends keyof ServerParts>(
  part: K,
  { name, file, hostKey }: PartOwner,
  args: object,
): ServerParts[K] {
  const names = new Map<string, string>();
  const problems = new Problems({ scalars: [], hidden: new Set(), names, within: PLACES[part] });
  const { docker, firewall, harden, proxyRun } = readServer(name, { proxy: false, hostKey, [part]: args }, problems, names);
  if (!problems.none) throw problems.error(file, ROOT_KEYS);
  // A part that is written as a map is there.
  return { docker, firewall, harden, proxy: proxyRun }[part] as ServerParts[K];
}

/** @param names gets the keys that were converted */
function readServer(
  name: string,
  { proxy = true, hostKey, ...values }: ServerValues,
  problems: Problems,
  names: Map<string, string>,
): ServerPart {
  names.set("host_key", "hostKey");
  const at = problems.at.bind(problems);
  if (!isHostName(name)) at("name").refuse(`${quoted(name)} is not a valid host name: use letters, digits, ., - and _`);
  if (hostKey !== undefined) resolveHostKey(hostKey, at("host_key"));
  const run = proxy === true ? {} : proxy;
  const read = readShape(ServerSection, withYamlKeys({ ...values, ...(run === false ? {} : { proxy: { run } }) }, names), at());
  return {
    docker: resolveDocker(read?.docker, at("docker")),
    firewall: resolveFirewall(read?.firewall, at("firewall")),
    harden: resolveHarden(read?.harden),
    proxyRun: run === false ? undefined : resolveProxyRun(read?.proxy?.run, at("proxy", "run")),
  };
}
