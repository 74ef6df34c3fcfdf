import { isIPv4 } from "node:net";
import { z } from "zod";
import { ANYWHERE, isRange } from "../../core/range.ts";
import { quoted } from "../schema/name.ts";
import type { Place } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

/** A server that this stack creates at Hetzner: all its properties but the name. */
export interface HetznerMachine {
  readonly type: string;
  readonly location: string;
  readonly image: string;
  /** Address range of the private network; undefined: none. */
  readonly network: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly HetznerVolume[];
  readonly backups: boolean;
  readonly placement: "spread" | "anywhere";
  /** Whether its address is kept when the server is replaced. */
  readonly primaryIp: boolean;
  /** Whether Pulumi and Hetzner refuse to delete it. */
  readonly protect: boolean;
}

export interface HetznerVolume {
  readonly name: string;
  /** In GB. */
  readonly size: number;
  /** Whether it is deleted with its server. */
  readonly delete: boolean;
}

export interface HetznerBalancer {
  readonly type: string;
  /** Where TLS ends: at the load balancer with a certificate from Hetzner, at kamal-proxy, or nowhere. */
  readonly tls: "managed" | "passthrough" | "off";
}

/** The servers of one role at Hetzner. */
export interface HetznerServers extends HetznerMachine {
  readonly count: number;
}

/** With their load balancer. */
export interface HetznerRole extends HetznerServers {
  readonly balancer: HetznerBalancer | undefined;
}

/** What all servers of a stack at Hetzner share. */
export interface HetznerShared {
  /** Public keys that may log in. Empty: the public halves of the keys in slipway:ssh. */
  readonly sshKeys: readonly string[];
  /** Address ranges that may use SSH. */
  readonly sshFrom: readonly string[];
  /** A zone of Hetzner DNS that gets the app's host names; undefined: no records are written. */
  readonly dnsZone: string | undefined;
}

const volume = z.union([
  z.int().min(10),
  section({
    size: field(z.int().min(10), { is: "Size in GB.", refused: "missing; less than 10", example: 50 }),
    delete: field(z.boolean(), {
      is: "Whether it is deleted with its server; else it stays, with its data.",
      default: false,
      example: true,
    }),
  }),
]);

const MACHINE = {
  type: field(z.string().min(1), { is: "Server type.", default: "cx23", example: "cax21" }),
  location: field(z.enum(["fsn1", "nbg1", "hel1", "ash", "hil", "sin"]), { is: "Location.", default: "fsn1", example: "nbg1" }),
  image: field(z.string().min(1), {
    is: "Operating system of new servers. A change does not affect existing servers.",
    default: "debian-13",
    example: "ubuntu-24.04",
  }),
  network: field(z.string(), {
    is: "Address range of a private network. Servers with the same range share the network.",
    otherwise: "no private network",
    refused: "anything but an IPv4 range of /22 or larger",
    example: "10.0.0.0/16",
  }),
  labels: field(z.record(z.string(), z.string()), {
    is: "Labels at Hetzner, over the root's, in addition to service, role and stack.",
    default: {},
    example: { team: "checkout" },
  }),
  volumes: field(z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, { error: "use a-z, 0-9 and -" }), volume), {
    is: "Volumes of each server, by name: the size in GB, or a map. Formatted with ext4 and mounted below /mnt.",
    default: {},
    example: { data: 50 },
  }),
  backups: field(z.boolean(), { is: "Whether Hetzner backs up the servers.", default: false, example: true }),
  placement: field(z.enum(["spread", "anywhere"]), {
    is: "Whether the servers of the role run on different physical machines.",
    default: "spread",
    example: "anywhere",
  }),
  primary_ip: field(z.boolean(), {
    is: "Whether the address of a server is kept when the server is replaced.",
    default: false,
    example: true,
  }),
  protect: field(z.boolean(), {
    is: "Whether Pulumi and Hetzner refuse to delete the servers.",
    default: false,
    example: true,
  }),
};

const BalancerSection = section({
  type: field(z.string().min(1), { is: "Type of the load balancer.", default: "lb11", example: "lb21" }),
  tls: field(z.enum(["managed", "passthrough", "off"]), {
    is: "Where TLS ends: `managed`, at the load balancer, with a certificate from Hetzner for the role's host names; `passthrough`, at kamal-proxy; `off`.",
    otherwise: "passthrough with proxy.ssl, else off",
    refused: "managed with proxy.ssl, or without host names; passthrough without proxy.ssl",
    example: "managed",
  }),
});

/** `servers.<role>.hetzner` */
export const HetznerRoleSection = section({
  count: field(z.int().min(1).max(99), {
    is: "Number of servers. They are named web-1, web-2 …; a smaller number deletes the last ones.",
    default: 1,
    example: 2,
  }),
  ...MACHINE,
  load_balancer: field(z.union([z.boolean(), BalancerSection]), {
    is: "A load balancer in front of the role's servers. Its health check uses the path of proxy.healthcheck.",
    default: false,
    refused: "for a role that is not proxied",
    example: true,
  }),
});
export type HetznerRoleInput = z.infer<typeof HetznerRoleSection>;

/** `slipway:hetzner` */
export const HetznerSection = section({
  ssh_keys: field(z.array(z.string()), {
    is: "Public keys that may log in to new servers.",
    otherwise: "the public halves of the keys that slipway:ssh uses",
    refused: "anything but public keys",
    example: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW ann@example.com"],
  }),
  ssh_from: field(z.array(z.string()).min(1), {
    is: "Address ranges that may use SSH.",
    default: ANYWHERE,
    refused: "anything but address ranges",
    example: ["198.51.100.0/24"],
  }),
  dns_zone: field(z.string().min(1), {
    is: "A zone of Hetzner DNS: the host names of the proxied roles get A records in it.",
    otherwise: "no records are written",
    example: "example.com",
  }),
  ...MACHINE,
});
export type HetznerInput = z.infer<typeof HetznerSection>;

export function resolveHetznerShared(input: HetznerInput = {}, place: Place): HetznerShared {
  const sshFrom = input.ssh_from ?? ANYWHERE;
  sshFrom.forEach((range, at) => {
    if (!isRange(range)) place.at("ssh_from", at).refuse(`${quoted(range)} is not an address range: 198.51.100.0/24`);
  });
  const sshKeys = input.ssh_keys ?? [];
  sshKeys.forEach((key, at) => {
    if (!PUBLIC_KEY.test(key.trim())) place.at("ssh_keys", at).refuse("is not a public key: ssh-ed25519 AAAA…");
  });
  return { sshKeys: sshKeys.map((key) => key.trim()), sshFrom, dnsZone: input.dns_zone };
}

/** One role's servers: the role's keys over the root's. */
export function resolveHetznerServers(own: HetznerRoleInput, root: HetznerInput, place: Place): HetznerServers {
  const count = own.count ?? 1;
  const network = own.network ?? root.network;
  if (network !== undefined && !isNetwork(network))
    place.at("network").refuse(`${quoted(network)} is not an IPv4 range of /22 or larger: 10.0.0.0/16`);
  return {
    count,
    type: own.type ?? root.type ?? "cx23",
    location: own.location ?? root.location ?? "fsn1",
    image: own.image ?? root.image ?? "debian-13",
    network,
    labels: { ...root.labels, ...own.labels },
    volumes: Object.entries({ ...root.volumes, ...own.volumes }).map(([name, value]) => resolveVolume(name, value, place)),
    backups: own.backups ?? root.backups ?? false,
    placement: own.placement ?? root.placement ?? "spread",
    primaryIp: own.primary_ip ?? root.primary_ip ?? false,
    protect: own.protect ?? root.protect ?? false,
  };
}

function resolveVolume(name: string, value: z.infer<typeof volume>, place: Place): HetznerVolume {
  if (typeof value === "number") return { name, size: value, delete: false };
  if (value.size === undefined) place.at("volumes", name, "size").refuse("is required");
  return { name, size: value.size ?? 0, delete: value.delete ?? false };
}

/** What decides TLS at the load balancer of a role. */
export interface BalancedRoute {
  readonly hosts: readonly string[];
  readonly ssl: boolean;
}

export function resolveBalancer(
  written: HetznerRoleInput["load_balancer"] = false,
  route: BalancedRoute | undefined,
  place: Place,
): HetznerBalancer | undefined {
  if (written === false) return undefined;
  if (route === undefined) {
    place.refuse("not allowed: the role is not proxied");
    return undefined;
  }
  const { type = "lb11", tls = route.ssl ? "passthrough" : "off" } = written === true ? {} : written;
  const here = place.at("tls");
  if (tls === "managed" && route.ssl) here.refuse("managed ends TLS at the load balancer: remove proxy.ssl");
  if (tls === "managed" && route.hosts.length === 0) here.refuse("a certificate needs a host name: set proxy.host");
  if (tls === "passthrough" && !route.ssl) here.refuse("passthrough needs TLS at kamal-proxy: set proxy.ssl");
  return { type, tls };
}

const PUBLIC_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+={0,2}(\s.*)?$/;

/** Large enough for a /24 in each of Hetzner's zones. */
function isNetwork(text: string): boolean {
  const [address = "", bits] = text.split("/");
  return isRange(text) && isIPv4(address) && Number(bits) <= 22;
}
