import { z } from "zod";

/** The checks, in the order in which they are shown. The first seven concern the stack, the others each host. */
export const Check = z.enum([
  "config",
  "secrets",
  "builder",
  "registry",
  "file",
  "engine",
  "dns",
  "reach",
  "host key",
  "login",
  "rights",
  "lease",
  "docker",
  "clock",
  "disk",
  "memory",
  "limits",
  "ports",
  "inbound",
  "pull",
  "image",
  "kamal",
  "left",
  "restore",
]);
export type Check = z.infer<typeof Check>;

/** The result of one check. */
export const Finding = z.object({
  /** Null for a check of the stack, made from this machine. */
  host: z.string().nullable(),
  check: Check,
  /** `wrong` prevents a release, `warning` may. */
  result: z.enum(["fine", "warning", "wrong"]),
  found: z.string(),
  /** Evidence, one line each. */
  evidence: z.array(z.string()),
  /** What to do about it; null if there is nothing to do. */
  next: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

/** What `slipway doctor --json` prints. Keys and checks are added, never renamed or removed; `schema` changes if that must be broken. */
export const DoctorReport = z.object({
  schema: z.literal(1),
  stack: z.string(),
  service: z.string(),
  verdict: z.enum(["ready", "ready with warnings", "not ready"]),
  /** For every host of the config. A check that an earlier failure prevents is left out. */
  findings: z.array(Finding),
});
export type DoctorReport = z.infer<typeof DoctorReport>;
