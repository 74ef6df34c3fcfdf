import { z } from "zod";

/** How a container without a route proves that it may serve. */
export const Readiness = z.discriminatedUnion("by", [
  /** Any 2xx answer of the container itself. */
  z.object({
    by: z.literal("http"),
    port: z.number(),
    path: z.string(),
    host: z.string().optional(),
    /** Seconds that one answer may take. */
    timeout: z.number(),
  }),
  /** A command inside the container that exits with 0. */
  z.object({ by: z.literal("command"), command: z.array(z.string()), interval: z.number(), timeout: z.number() }),
  /** The image's own HEALTHCHECK; without one, the container must stay up for `delay` seconds. */
  z.object({ by: z.literal("docker"), delay: z.number() }),
]);
export type Readiness = z.infer<typeof Readiness>;

/** Somebody listens on that port of the container. */
export const TcpReadiness = z.object({
  by: z.literal("tcp"),
  port: z.number(),
  /** Seconds that one connection may take. */
  timeout: z.number(),
});
export type TcpReadiness = z.infer<typeof TcpReadiness>;
