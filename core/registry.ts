import { z } from "zod";

/** Credentials of an image registry. */
export const Registry = z.object({
  /** `ghcr.io`, `registry.example.com:5000`; `docker.io` is Docker Hub. */
  server: z.string(),
  username: z.string(),
  /** In plain text: make it a Pulumi secret before it becomes an input of a resource. */
  password: z.string(),
});
export type Registry = z.infer<typeof Registry>;
