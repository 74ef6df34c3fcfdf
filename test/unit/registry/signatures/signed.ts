import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Trust } from "../../../../core/trust.ts";

const Contents = z.object({
  manifests: z.record(z.string(), z.object({ type: z.string(), text: z.string() })),
  tags: z.record(z.string(), z.string()),
  blobs: z.record(z.string(), z.string()),
});
const Image = z.object({ index: z.string(), manifests: z.tuple([z.string(), z.string()]) });
/** `image` is signed by ci; `moved` by a stranger, and ci has stated how it was built. */
const Repository = z.object({ repository: z.string(), image: Image, moved: Image, contents: Contents });
const Signed = z.object({
  keys: z.object({ ci: z.string(), stranger: z.string() }),
  repositories: z.object({ tag: Repository, bundle: Repository }),
});

/** What cosign 2 (`tag`) and cosign 3 (`bundle`) have written to a registry: made by make-signed.ts. */
export const SIGNED = Signed.parse(JSON.parse(readFileSync(join(import.meta.dirname, "signed.json"), "utf8")));

export const FORMS = ["tag", "bundle"] as const;
export type Form = (typeof FORMS)[number];

/** A policy that trusts these keys. */
export function keys(first: keyof typeof SIGNED.keys, ...others: (keyof typeof SIGNED.keys)[]): Trust {
  const key = (name: keyof typeof SIGNED.keys) => ({ name: `${name}.pub`, pem: SIGNED.keys[name] });
  return { by: "key", keys: [key(first), ...others.map(key)], root: undefined };
}

const Keyless = z.object({ root: z.json(), tag: Contents, bundle: Contents });

/**
 * Signatures by identities for the same images: `image` by the workflow of acme, `moved` by that of a stranger, and the first platform of
 * `image` by a certificate of an authority that is not trusted. Made by make-keyless.mjs.
 */
export const KEYLESS = Keyless.parse(JSON.parse(readFileSync(join(import.meta.dirname, "keyless.json"), "utf8")));
