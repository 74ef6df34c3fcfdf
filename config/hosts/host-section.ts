import { z } from "zod";
import { HostProxySection } from "../proxy/proxy.ts";
import { portNumber } from "../schema/port.ts";
import { field, section } from "../schema/section.ts";

const tags = z.union([z.string(), z.array(z.string())]);

const MACHINE = {
  address: field(z.string(), { is: "IP address or host name.", refused: "missing", example: "203.0.113.10" }),
  port: field(portNumber, { is: "Port of SSH.", otherwise: "ssh.port", example: 2222 }),
  user: field(z.string().min(1), { is: "User on the host.", otherwise: "ssh.user", example: "deploy" }),
  host_key: field(z.string(), {
    is: "The host key that it must present.",
    otherwise: "ssh.host_keys, else known_hosts",
    example: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW",
  }),
};

/** A machine without a role, and how it is reached. */
export const MachineSection = section(MACHINE, {
  tags: "not allowed here: put tags on a role's hosts",
  proxy: "not allowed here: set proxy next to hosts",
});

export const HostSection = section({
  ...MACHINE,
  tags: field(tags, {
    is: "Names in env.tags, whose environment this role gets there. In a list of hosts: `- 203.0.113.10: tag`.",
    otherwise: "none",
    refused: "a tag that is not in env.tags",
    example: ["eu"],
  }),
  proxy: field(HostProxySection, {
    is: "Host names that reach this role there, instead of the role's: host, hosts and canonical_host.",
    otherwise: "as for the role",
    refused: "for a role that is not proxied; other keys of proxy",
    example: { host: "eu.example.com" },
  }),
});

export const HostList = z.array(z.union([z.string(), z.record(z.string(), tags)]));
export const HostsSection = z.union([HostList, z.record(z.string(), z.union([z.string(), HostSection]))]);
export type HostsInput = z.infer<typeof HostsSection>;
