import { z } from "zod";

/** Where a host is. May enter Pulumi state, so it says nothing of how this operator authenticates. */
export const Address = z.object({
  /** As the config names it: `web-1`. */
  name: z.string().min(1),
  /** IP address or host name, or an alias of `~/.ssh/config`. */
  address: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  user: z.string().min(1),
  /** The pinned host key, as in known_hosts without the names: `ssh-ed25519 AAAA…`. Without it, known_hosts decides. */
  hostKey: z.string().optional(),
});
export type Address = z.infer<typeof Address>;

/** By address and port: behind one address that forwards ports there can be several machines. */
export const isSameMachine = (a: Address, b: Address | undefined): boolean => a.address === b?.address && a.port === b.port;
