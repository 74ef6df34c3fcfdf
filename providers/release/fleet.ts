import { z } from "zod";
import { RouteOptions } from "../../core/route.ts";
import { Unobserved } from "../steps/finding.ts";

/** A container of the app, as found on a host. */
export const Found = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  /** 1 for the first container of a role on a host. */
  replica: z.number(),
  /** Our label; absent on a container that Kamal started. */
  release: z.string().optional(),
  running: z.boolean(),
  /** Why it does not run: `exited with code 1`. */
  status: z.string(),
  /** What was edited on it since we made it, in words. */
  edited: z.array(z.string()),
  image: z.string(),
  /** Its volume of assets. */
  assets: z.string().optional(),
  /** Seconds between its stop signal and SIGKILL, as it was declared; known of what runs. */
  stopTimeout: z.number().optional(),
  /** It runs, and has got its stop signal. Docker kills it at this moment of the host's clock, in ISO 8601. */
  finishing: z.object({ until: z.string() }).optional(),
  /** Seconds since the epoch, by the host's clock; only compared with others of the same host. */
  created: z.number(),
});
export type Found = z.infer<typeof Found>;

/** The proxy's route of one role, as found. */
export const FoundRoute = z.object({
  role: z.string(),
  /** `<short container id>:<port>`. */
  targets: z.array(z.string()),
  options: RouteOptions,
  /** Whether requests reach the targets, wait, or are answered with 503. */
  state: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("running") }),
    z.object({ kind: z.literal("paused") }),
    z.object({ kind: z.literal("stopped"), message: z.string() }),
  ]),
  /** The canary, while there is one. */
  rollout: z.object({ targets: z.array(z.string()), percent: z.number(), allow: z.array(z.string()) }).optional(),
});
export type FoundRoute = z.infer<typeof FoundRoute>;

/** A release command, as found: its container stays as the note that it ran. */
export const FoundCommand = z.object({
  id: z.string(),
  name: z.string(),
  release: z.string(),
  /** Which of the release's commands: 0 is the first. */
  index: z.number(),
  state: z.enum(["running", "done", "failed"]),
  image: z.string(),
  /** Its volume of assets. */
  assets: z.string().optional(),
  created: z.number(),
});
export type FoundCommand = z.infer<typeof FoundCommand>;

/** An image that no container but those of this app uses: theirs, and those of its repository that are known by digest alone. */
export const FoundImage = z.object({
  id: z.string(),
  /** `ghcr.io/acme/shop@sha256:…`; one image may have several. */
  digests: z.array(z.string()),
});
export type FoundImage = z.infer<typeof FoundImage>;

/** Label of containers that help for a moment and never start. */
export const HELPER = "slipway.helper";

const FoundHostNow = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("reached"),
    containers: z.array(Found),
    routes: z.array(FoundRoute),
    proxy: z.enum(["running", "stopped", "missing"]),
    /** Whether the network of the app's containers is there. */
    network: z.boolean(),
    /** Containers under this app's labels that another stack made. */
    strangers: z.array(z.object({ name: z.string(), stack: z.string() })).default([]),
    /** Our roles whose host names and paths another service of this proxy has. */
    clashes: z.array(z.object({ role: z.string(), service: z.string(), at: z.string() })),
    commands: z.array(FoundCommand),
    /** Containers that a killed run created for itself. */
    helpers: z.array(z.object({ id: z.string(), name: z.string(), image: z.string() })),
    /** Folders of this app among the proxy's files. */
    proxyFiles: z.array(z.string()),
    /** A state of before they were observed knows none. */
    images: z.array(FoundImage).default([]),
    /** Volumes of assets that no container mounts: a run died before it removed them. */
    assets: z.array(z.string()).default([]),
  }),
  Unobserved,
]);

/** A state of before the discriminant was named `kind` has it as `reach`. */
export const FoundHost = z.preprocess(
  (found) => (found !== null && typeof found === "object" && "reach" in found ? { kind: found.reach, ...found } : found),
  FoundHostNow,
);
export type FoundHost = z.infer<typeof FoundHost>;

/** All hosts of a release, as found. What really runs was asked of Docker, what serves of the proxy. */
export const Fleet = z.record(z.string(), FoundHost);
export type Fleet = z.infer<typeof Fleet>;
