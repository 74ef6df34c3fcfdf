import { z } from "zod";

/** Address of a host. It may enter Pulumi state, so how this operator authenticates is not part of it. */
export const Address = z.object({
  /** The name in the config: `web-1`. */
  name: z.string().min(1),
  /** IP address or host name, or an alias of `~/.ssh/config`. */
  address: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  user: z.string().min(1),
  /** The pinned host key, as in known_hosts but without the names: `ssh-ed25519 AAAA…`. Default: known_hosts decides. */
  hostKey: z.string().optional(),
  /** This stack made the machine, and deletes it. */
  made: z.literal(true).optional(),
});
export type Address = z.infer<typeof Address>;

/** By address and port: behind one address that forwards ports there can be several machines. */
export const isSameMachine = (a: Address, b: Address | undefined): boolean => a.address === b?.address && a.port === b.port;
