import { z } from "zod";

const seconds = z.number();

const RouteReadiness = z.object({ by: z.literal("route") });
const HttpReadiness = z.object({
  by: z.literal("http"),
  port: z.number(),
  path: z.string(),
  /** The Host header; absent: the address of the container. */
  host: z.string().optional(),
  /** For one response. */
  timeout: seconds,
});
const CommandReadiness = z.object({
  by: z.literal("command"),
  command: z.array(z.string()),
  interval: seconds,
  /** For one run of the command. */
  timeout: seconds,
});
const DockerReadiness = z.object({ by: z.literal("docker"), delay: seconds });
const TcpReadiness = z.object({
  by: z.literal("tcp"),
  port: z.number(),
  /** For one connection. */
  timeout: seconds,
});

/** How a container of a role proves that it is ready. */
export const Readiness = z.discriminatedUnion("by", [
  /** By the health check of its route. */
  RouteReadiness,
  /** By any 2xx response of the container itself. */
  HttpReadiness,
  /** By a command inside the container that exits with 0. */
  CommandReadiness,
  /** By the image's own HEALTHCHECK; without one, the container must stay up for `delay` seconds. */
  DockerReadiness,
]);
export type Readiness = z.infer<typeof Readiness>;

/** How the container of an accessory proves that it is ready: it has no route of a release; a TCP connection may be enough. */
export const AccessoryReadiness = z.discriminatedUnion("by", [HttpReadiness, CommandReadiness, DockerReadiness, TcpReadiness]);
export type AccessoryReadiness = z.infer<typeof AccessoryReadiness>;
