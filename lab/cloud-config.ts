import { parse } from "yaml";
import { z } from "zod";

const Names = z.union([z.string().transform((text) => text.split(/\s*,\s*/)), z.array(z.string())]);
const Sudo = z.union([z.string().transform((rule) => [rule]), z.array(z.string()), z.literal(false).transform(() => [])]);

const User = z.strictObject({
  name: z.string(),
  gecos: z.string().optional(),
  shell: z.string().optional(),
  groups: Names.default([]),
  sudo: Sudo.nullish().transform((rules) => rules ?? []),
  lock_passwd: z.boolean().default(true),
  ssh_authorized_keys: z.array(z.string()).default([]),
});

const WrittenFile = z.strictObject({
  path: z.string().startsWith("/"),
  content: z.string().default(""),
  encoding: z.enum(["text/plain", "b64", "base64"]).default("text/plain"),
  permissions: z
    .string()
    .regex(/^[0-7]{3,4}$/)
    .default("0644"),
  owner: z.string().default("root:root"),
  append: z.boolean().default(false),
});

const Package = z.union([z.string(), z.tuple([z.string(), z.string()]).transform(([name, version]) => `${name}=${version}`)]);

/** The supported part of cloud-init's `#cloud-config`, with its defaults, except that root may log in, as in Hetzner's images. */
const CloudConfig = z.strictObject({
  ssh_deletekeys: z.boolean().default(true),
  ssh_keys: z.strictObject({ ed25519_private: z.string(), ed25519_public: z.string() }).optional(),
  ssh_authorized_keys: z.array(z.string()).default([]),
  disable_root: z.boolean().default(false),
  ssh_pwauth: z.boolean().optional(),
  /** `default` is root in Hetzner's images, which exists anyway. */
  users: z.array(z.union([z.literal("default"), User])).default([]),
  package_update: z.boolean().default(false),
  packages: z.array(Package).default([]),
  write_files: z.array(WrittenFile).default([]),
  runcmd: z.array(z.union([z.string(), z.array(z.coerce.string())])).default([]),
});
export type CloudConfig = z.infer<typeof CloudConfig>;
export type CloudUser = z.infer<typeof User>;
export type CloudFile = z.infer<typeof WrittenFile>;

/**
 * Parses user data: a cloud-config, a script (`#!…`) or nothing. What the lab's cloud-init does not support is an error here, because
 * the real one would do it.
 */
export function parseUserData(userData: string): CloudConfig {
  const text = userData.trimStart();
  if (text === "") return CloudConfig.parse({});
  if (text.startsWith("#!")) return scriptConfig(text);
  if (!/^#cloud-config\s*$/m.test(text.split("\n", 1)[0] ?? ""))
    throw new Error("user data must begin with the line #cloud-config, or with #!");
  return CloudConfig.parse(parse(text) ?? {});
}

const PART = "/var/lib/cloud/instance/scripts/part-001";
const scriptConfig = (content: string): CloudConfig =>
  CloudConfig.parse({ write_files: [{ path: PART, permissions: "0700", content }], runcmd: [[PART]] });
