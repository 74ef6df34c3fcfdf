import { z } from "zod";

const texts = z.record(z.string(), z.string());

/** A port of the host that leads into the container. */
export const HostPort = z.object({
  ip: z.string(),
  hostPort: z.number(),
  containerPort: z.number(),
  protocol: z.enum(["tcp", "udp"]),
});
export type HostPort = z.infer<typeof HostPort>;

/** What Docker grants, limits and refuses a container. What is optional is absent when nobody wrote it: a new option changes no spec hash. */
export const ContainerOptions = z.object({
  /** Bytes. */
  memory: z.number().optional(),
  cpus: z.number().optional(),
  restart: z.object({
    name: z.enum(["no", "always", "unless-stopped", "on-failure"]),
    maximumRetryCount: z.number().optional(),
  }),
  capAdd: z.array(z.string()),
  capDrop: z.array(z.string()),
  readOnly: z.boolean(),
  /** Path → mount options. */
  tmpfs: texts,
  user: z.string().optional(),
  workdir: z.string().optional(),
  /** Bytes of /dev/shm. */
  shmSize: z.number().optional(),
  /** `name:address`. */
  addHost: z.array(z.string()),
  ulimits: z.array(z.object({ name: z.string(), soft: z.number(), hard: z.number() })),
  /** Bytes of memory and swap together; -1 is no limit of swap. */
  memorySwap: z.number().optional(),
  memoryReservation: z.number().optional(),
  cpuShares: z.number().optional(),
  /** -1 is no limit. */
  pidsLimit: z.number().optional(),
  oomScoreAdj: z.number().optional(),
  publish: z.array(HostPort).optional(),
  devices: z.array(z.object({ source: z.string(), target: z.string(), permissions: z.string() })).optional(),
  gpus: z.union([z.number(), z.literal("all")]).optional(),
  privileged: z.boolean().optional(),
  securityOpt: z.array(z.string()).optional(),
  sysctls: texts.optional(),
  ipc: z.enum(["none", "private", "shareable", "host"]).optional(),
  pid: z.literal("host").optional(),
  dns: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  stopSignal: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  groupAdd: z.array(z.string()).optional(),
});
export type ContainerOptions = z.infer<typeof ContainerOptions>;
