import { z } from "zod";

/** A port of the host that leads into a container, past the proxy. */
export const HostPort = z.object({
  /** The address of the host it listens on: `127.0.0.1` unless the config says otherwise. */
  ip: z.string(),
  hostPort: z.number(),
  containerPort: z.number(),
  protocol: z.enum(["tcp", "udp"]),
});
export type HostPort = z.infer<typeof HostPort>;

/** What an accessory publishes: its own port, and others. */
interface Published {
  readonly publish: HostPort | undefined;
  readonly morePorts: readonly HostPort[];
}

/** All ports of the host on which an accessory listens. */
export const publishedPorts = ({ publish, morePorts }: Published): HostPort[] => [
  ...(publish === undefined ? [] : [publish]),
  ...morePorts,
];
