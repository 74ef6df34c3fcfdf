import { z } from "zod";

/** A file that is put into the container of an accessory before it starts. */
export const AccessoryFile = z.object({
  /** An absolute path in the container. */
  path: z.string(),
  /** Permission bits: `0o644`. */
  mode: z.number(),
  /** `user`, `uid` or `user:group`, resolved by the container's own /etc/passwd and /etc/group; absent: root. */
  owner: z.string().optional(),
  /** Whether `${NAME}` is replaced by a value of the environment; `$${` is a literal `${`. */
  template: z.boolean(),
  content: z.string(),
  encoding: z.enum(["utf8", "base64"]),
});
export type AccessoryFile = z.infer<typeof AccessoryFile>;
