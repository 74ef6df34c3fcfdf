import { isIPv4 } from "node:net";
import { z } from "zod";
import { isRange } from "../../core/range.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
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

/** Keys of a role and, as defaults, of the root. */
export const MACHINE_KEYS = {
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

const { network: _network, placement: _placement, ...ownKeys } = MACHINE_KEYS;

/** Without those of what several servers share, which a program makes itself. */
export const OWN_KEYS = ownKeys;

export type MachineInput = { readonly [K in keyof typeof MACHINE_KEYS]?: z.infer<(typeof MACHINE_KEYS)[K]> };

/** The role's keys over the root's. */
export function resolveMachine(own: MachineInput, root: MachineInput, place: ConfigPath): HetznerMachine {
  const network = own.network ?? root.network;
  if (network !== undefined && !isNetwork(network))
    place.at("network").refuse(`${quoted(network)} is not an IPv4 range of /22 or larger: 10.0.0.0/16`);
  return {
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

function resolveVolume(name: string, value: z.infer<typeof volume>, place: ConfigPath): HetznerVolume {
  if (typeof value === "number") return { name, size: value, delete: false };
  if (value.size === undefined) place.at("volumes", name, "size").refuse("is required");
  return { name, size: value.size ?? 0, delete: value.delete ?? false };
}

/** Large enough for a /24 in each of Hetzner's zones. */
function isNetwork(text: string): boolean {
  const [address = "", bits] = text.split("/");
  return isRange(text) && isIPv4(address) && Number(bits) <= 22;
}
