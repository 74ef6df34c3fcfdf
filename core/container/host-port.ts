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
