import { z } from "zod";
import { Address } from "../../hosts/index.ts";
import { inState, Unobserved } from "../steps/finding.ts";

/** Keys of Docker's `daemon.json`. */
export const Settings = z.record(z.string(), z.json());
export type Settings = z.infer<typeof Settings>;

/** Where packages of Docker come from. */
export const Source = z.enum(["distribution", "docker"]);
export type Source = z.infer<typeof Source>;

export const DockerEngineInputs = z.object({
  schema: z.literal(1),
  host: Address,
  /** Seconds that a new machine may take to accept our login and set itself up; 0 for an existing machine. */
  patience: z.number().nonnegative(),
  /** Whether to install Docker where it is missing. */
  install: z.boolean(),
  /** Absent: the default of the distribution. */
  source: Source.optional(),
  /** `28` or `28.3`: the oldest version to accept. */
  version: z.string().optional(),
  /** Instead of https://download.docker.com. */
  mirror: z.string().optional(),
  /** Fingerprint of the key that signs the repository, 40 hex digits; absent: Docker's own. */
  fingerprint: z.string().optional(),
  settings: Settings,
  status: z.literal("running"),
});
export type DockerEngineInputs = z.infer<typeof DockerEngineInputs>;

/** The Docker of one host, as found. */
export const FoundDocker = inState(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("missing") }),
    /** Installed and not running. */
    z.object({ kind: z.literal("stopped"), settings: Settings }),
    /** Running, but this user may not use it. */
    z.object({ kind: z.literal("forbidden") }),
    z.object({
      kind: z.literal("present"),
      version: z.string(),
      /** The declared keys as `daemon.json` has them. */
      settings: Settings,
      /** What a restart would affect: running containers, and whether they survive it. Observed only when there is something to do. */
      running: z.number().optional(),
      liveRestore: z.boolean().optional(),
      /** The same of all containers, and what they live in. */
      containers: z.number().optional(),
      store: z.enum(["containerd", "layers"]).optional(),
      /** Whether it is a node of a Swarm. */
      swarm: z.boolean().optional(),
      /** Declared keys that `daemon.json` has and the running Docker does not follow. */
      idle: z.array(z.string()).optional(),
    }),
    Unobserved,
  ]),
);
export type FoundDocker = z.infer<typeof FoundDocker>;
