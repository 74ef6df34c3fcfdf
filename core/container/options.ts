import { z } from "zod";
import { HostPort } from "./host-port.ts";

const bytes = z.number();
const texts = z.record(z.string(), z.string());

/** When Docker restarts a container by itself. */
export const RestartPolicy = z.object({
  name: z.enum(["no", "always", "unless-stopped", "on-failure"]),
  /** For `on-failure`; 0 or absent is no limit. */
  maximumRetryCount: z.number().optional(),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

export const Ulimit = z.object({ name: z.string(), soft: z.number(), hard: z.number() });
export type Ulimit = z.infer<typeof Ulimit>;

/** A device of the host inside the container. */
export const Device = z.object({
  source: z.string(),
  target: z.string(),
  /** Of `rwm`: read, write, create device nodes. */
  permissions: z.string(),
});
export type Device = z.infer<typeof Device>;

/**
 * Limits and rights of a container. An option that is not configured is absent, so that a new option changes no spec hash; the
 * required ones are older than this rule.
 */
export const ContainerOptions = z.object({
  memory: bytes.optional(),
  /** Processors that may be used at once: 0.5 is half of one. */
  cpus: z.number().optional(),
  restart: RestartPolicy,
  capAdd: z.array(z.string()),
  capDrop: z.array(z.string()),
  readOnly: z.boolean(),
  /** Path → mount options. */
  tmpfs: texts,
  user: z.string().optional(),
  workdir: z.string().optional(),
  hostname: z.string().optional(),
  /** Size of /dev/shm. */
  shmSize: bytes.optional(),
  /** `name:address` lines for /etc/hosts. */
  addHost: z.array(z.string()),
  ulimits: z.array(Ulimit),
  /** Memory and swap together; -1 is unlimited swap. */
  memorySwap: bytes.optional(),
  memoryReservation: bytes.optional(),
  cpuShares: z.number().optional(),
  /** -1 is no limit. */
  pidsLimit: z.number().optional(),
  oomScoreAdj: z.number().optional(),
  publish: z.array(HostPort).optional(),
  devices: z.array(Device).optional(),
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
  /** The image's HEALTHCHECK is not run. */
  noHealthcheck: z.literal(true).optional(),
  /** It has the network of the host, instead of one of its own. */
  hostNetwork: z.literal(true).optional(),
  /** Docker networks on the host, beside its own. */
  networks: z.array(z.string()).optional(),
  /** What it is called in each of its networks, beside its own name. */
  networkAliases: z.array(z.string()).optional(),
  /** Its users are those of the host, where Docker maps them to others. */
  userns: z.literal("host").optional(),
  /** The runtime that Docker starts it with. */
  runtime: z.string().optional(),
});
export type ContainerOptions = z.infer<typeof ContainerOptions>;
