import { z } from "zod";
import { ANYWHERE, isRange } from "../../core/range.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import { type HetznerBalancer, LoadBalancerSection } from "./hetzner-balancer.ts";
import { type HetznerMachine, MACHINE_KEYS, resolveMachine } from "./hetzner-machine.ts";

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

/** `servers.<role>.hetzner` */
export const HetznerRoleSection = section({
  count: field(z.int().min(1).max(99), {
    is: "Number of servers. They are named web-1, web-2 …; a smaller number deletes the last ones.",
    default: 1,
    example: 2,
  }),
  ...MACHINE_KEYS,
  load_balancer: field(LoadBalancerSection, {
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
  ...MACHINE_KEYS,
});
export type HetznerInput = z.infer<typeof HetznerSection>;

export function resolveHetznerShared(input: HetznerInput = {}, place: ConfigPath): HetznerShared {
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

/** The servers of one role. */
export const resolveHetznerServers = (own: HetznerRoleInput, root: HetznerInput, place: ConfigPath): HetznerServers => ({
  ...resolveMachine(own, root, place),
  count: own.count ?? 1,
});

const PUBLIC_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+={0,2}(\s.*)?$/;
