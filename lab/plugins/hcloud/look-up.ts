import type { Props } from "../values.ts";
import type { Api, Shown } from "./api.ts";
import { listOf } from "./parts.ts";

/** `get…` functions of one object, by the path of its list. */
const LISTS: Readonly<Record<string, readonly [list: string, one: string]>> = {
  getCertificate: ["certificates", "certificate"],
  getFirewall: ["firewalls", "firewall"],
  getImage: ["images", "image"],
  getLoadBalancer: ["load_balancers", "load_balancer"],
  getLoadBalancerType: ["load_balancer_types", "load_balancer_type"],
  getLocation: ["locations", "location"],
  getNetwork: ["networks", "network"],
  getPlacementGroup: ["placement_groups", "placement_group"],
  getPrimaryIp: ["primary_ips", "primary_ip"],
  getServer: ["servers", "server"],
  getServerType: ["server_types", "server_type"],
  getSshKey: ["ssh_keys", "ssh_key"],
  getVolume: ["volumes", "volume"],
};

/** Answers `hcloud.getLocation({ name })` and similar functions: by id, name, or label selector. */
export async function lookedUp(api: Api, token: string, args: Props): Promise<Props> {
  const name = token.slice(token.lastIndexOf(":") + 1);
  const [list, one] = LISTS[name] ?? [];
  if (list === undefined || one === undefined) throw new Error(`the lab's fake plugin does not support ${token}`);
  const { id, name: wanted, withSelector, withArchitecture } = args;
  if (typeof withSelector === "string") return only(await api.list(list, { label_selector: withSelector }), withSelector);
  const architecture = typeof withArchitecture === "string" ? { architecture: withArchitecture } : undefined;
  return flat(await api.named(list, one, id ?? wanted, architecture));
}

function only(found: readonly Shown[], selector: string): Props {
  const [first, second] = found;
  if (first === undefined || second !== undefined) throw new Error(`${found.length} objects match ${selector}, expected one`);
  return flat(first);
}

/** In the provider's form: keys in camel case, nested objects as their names, addresses as strings. */
function flat(shown: Shown): Props {
  const addresses = shown.public_net as { ipv4?: { ip?: string } | null; ipv6?: { ip?: string } | null } | undefined;
  const plain = Object.entries(shown).map(([key, value]) => [camel(key), nameOf(value)]);
  const network = addresses?.ipv6?.ip;
  return {
    ...Object.fromEntries(plain),
    ...(addresses === undefined ? {} : { ipv4Address: addresses.ipv4?.ip, ipv6Address: network?.replace(/\/64$/, "1") }),
    ...(shown.rules === undefined ? {} : { rules: listOf(shown.rules).map((rule) => camelKeys(rule)) }),
  };
}

const camelKeys = (value: Props): Props => Object.fromEntries(Object.entries(value).map(([key, one]) => [camel(key), one]));

const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function nameOf(value: unknown): unknown {
  const isNamed = typeof value === "object" && value !== null && !Array.isArray(value) && "name" in value;
  return isNamed ? value.name : value;
}
