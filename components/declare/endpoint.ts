import { type Accessory, type Config, isReachable, ownAddress, reachOf } from "../../config/index.ts";
import { certainLogin, type UrlLogin, type VariableNamed } from "../../core/accessory/url.ts";
import { canonical } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";

/** Where the app connects to an accessory, as the config decides it. */
export interface DeclaredEndpoint {
  readonly host: string;
  readonly port: number | undefined;
  /** undefined: it has no URL, or more than the config decides it. */
  readonly login: UrlLogin | undefined;
}

/** Where other machines do. */
export interface DeclaredPort {
  /** undefined: the address of its host. */
  readonly host: string | undefined;
  readonly port: number;
  readonly login: UrlLogin | undefined;
}

/** What references say in the app's environment; undefined if the app cannot reach it, or if its hosts have different values. */
export function endpointForApp(config: Config, accessory: Accessory): DeclaredEndpoint | undefined {
  const hosts = new Map(config.hosts.map((host) => [host.name, host]));
  const clients = new Set(clientsOf(config, accessory));
  const found = [...clients].flatMap((host): DeclaredEndpoint[] => {
    const reach = reachOf(accessory, { host, networks: ["kamal"] }, hosts);
    if (reach.kind === "unreachable") return [];
    return [{ host: reach.host, port: reach.port, login: loginAt(config, accessory, reach.on) }];
  });
  const [one] = found;
  return found.every((other) => canonical(other) === canonical(one)) ? one : undefined;
}

/** The hosts of its app; of an accessory without one, its own, where any container in its network may connect to it. */
const clientsOf = ({ roles }: Config, { hosts }: Accessory): readonly HostName[] =>
  roles.length === 0 ? hosts : roles.flatMap((role) => role.hosts);

/** How it is reached on one of its hosts by its published port; undefined: from that host alone. */
export function endpointOfPort(config: Config, accessory: Accessory, on: HostName): DeclaredPort | undefined {
  const { publish } = accessory;
  if (publish === undefined || !isReachable(publish)) return undefined;
  const login = publish.protocol === "tcp" ? loginAt(config, accessory, on) : undefined;
  return { host: ownAddress(publish), port: publish.hostPort, login };
}

function loginAt({ secrets }: Config, accessory: Accessory, on: HostName): UrlLogin | undefined {
  const { clear, secret } = accessory.on[on] ?? accessory.env;
  const { preset, command, options } = accessory;
  const variable: VariableNamed = (name) => {
    const source = Object.hasOwn(secret, name) ? secret[name] : undefined;
    const value = (source === undefined ? ownValue(clear, name) : ownValue(secrets, source)) ?? "";
    return value === "" ? undefined : { value, isSecret: source !== undefined };
  };
  return certainLogin({ preset, command, entrypoint: options.entrypoint }, variable);
}

const ownValue = (values: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;
