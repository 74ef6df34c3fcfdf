import { z } from "zod";

/** Credentials of an image registry. */
export const Registry = z.object({
  /** `ghcr.io`, `registry.example.com:5000`; `docker.io` is Docker Hub. */
  server: z.string(),
  username: z.string(),
  /** In plain text: make it a Pulumi secret before it becomes an input of a resource. */
  password: z.string(),
  /** Whether the password is a token that is a different one in each run: a different one alone is no change. Default: false. */
  expires: z.boolean().optional(),
});
export type Registry = z.infer<typeof Registry>;
