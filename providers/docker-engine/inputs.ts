import { z } from "zod";
import { Address } from "../../hosts/index.ts";
import { inState } from "../steps/finding.ts";

/** Keys of Docker's `daemon.json`. */
export const Settings = z.record(z.string(), z.json());
export type Settings = z.infer<typeof Settings>;

/** Where packages of Docker come from. */
export const Source = z.enum(["distribution", "docker"]);
export type Source = z.infer<typeof Source>;

export const DockerEngineInputs = z.object({
  schema: z.literal(1),
  host: Address,
  /** Seconds that a machine which was just made may take until it lets us in and has set itself up; 0 for one that exists. */
  patience: z.number().nonnegative(),
  /** Whether Docker is installed where it is missing. */
  install: z.boolean(),
  /** Absent: what is right for the distribution. */
  source: Source.optional(),
  /** `28` or `28.3`: this one or a newer one has to be there. */
  version: z.string().optional(),
  /** Instead of https://download.docker.com. */
  mirror: z.string().optional(),
  /** Of the key that signs the repository, 40 hex digits; absent: Docker's own. */
  fingerprint: z.string().optional(),
  settings: Settings,
  status: z.literal("running"),
});
export type DockerEngineInputs = z.infer<typeof DockerEngineInputs>;

/** The Docker of one host, as found. */
export const FoundDocker = inState(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("missing") }),
    /** Installed, and does not run. */
    z.object({ kind: z.literal("stopped"), settings: Settings }),
    /** It runs, and this user may not use it. */
    z.object({ kind: z.literal("forbidden") }),
    z.object({
      kind: z.literal("present"),
      version: z.string(),
      /** What `daemon.json` has under the declared keys. */
      settings: Settings,
      /** What a restart would mean; looked at only where something is to be done. */
      running: z.number().optional(),
      liveRestore: z.boolean().optional(),
    }),
    z.object({ kind: z.literal("unreachable"), reason: z.string() }),
  ]),
);
export type FoundDocker = z.infer<typeof FoundDocker>;
