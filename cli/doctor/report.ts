import { z } from "zod";

/** What is looked at, in the order in which it is told. The first four are the stack's, the others each host's. */
export const Check = z.enum([
  "config",
  "secrets",
  "registry",
  "dns",
  "reach",
  "host key",
  "login",
  "rights",
  "docker",
  "clock",
  "disk",
  "memory",
  "ports",
  "pull",
  "image",
]);
export type Check = z.infer<typeof Check>;

/** What one check came to. */
export const Finding = z.object({
  /** Null where it is about the stack, looked at from here. */
  host: z.string().nullable(),
  check: Check,
  /** `wrong` stops a release, `warning` may. */
  result: z.enum(["fine", "warning", "wrong"]),
  found: z.string(),
  /** Proof, a line each. */
  evidence: z.array(z.string()),
  /** The one thing to do about it; null where there is nothing to do. */
  next: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

/** What `slipway doctor --json` prints. Keys and checks are added, never renamed or taken away; `schema` counts what breaks that. */
export const DoctorReport = z.object({
  schema: z.literal(1),
  stack: z.string(),
  service: z.string(),
  verdict: z.enum(["ready", "ready with warnings", "not ready"]),
  /** Of every host of the config; a check that could not be made because an earlier one is wrong is left out. */
  findings: z.array(Finding),
});
export type DoctorReport = z.infer<typeof DoctorReport>;
