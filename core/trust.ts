import { z } from "zod";

/** What a text of a certificate has to be. A pattern may match any part of it, unless it has `^` and `$`. */
export type Expected = { readonly kind: "exact"; readonly text: string } | { readonly kind: "pattern"; readonly pattern: string };

/** A public key that signs images, PEM. */
export interface TrustedKey {
  /** As it is written: `cosign.pub`. */
  readonly name: string;
  readonly pem: string;
}

/** The authorities of Sigstore: those that issue certificates, and the logs that record signatures. */
export interface TrustedRoot {
  /** Its file. */
  readonly name: string;
  readonly json: string;
}

/** Whose signature an image must have. */
export type Trust =
  | {
      readonly by: "key";
      /** Any one of them. */
      readonly keys: readonly [TrustedKey, ...TrustedKey[]];
      /** Present: the signature must also be recorded in a log of it. */
      readonly root: TrustedRoot | undefined;
    }
  | { readonly by: "identity"; readonly identity: Expected; readonly issuer: Expected; readonly root: TrustedRoot };

/** @example describeExpected({ kind: "pattern", pattern: "^https://github.com/acme/" }) // "/^https:\/\/github.com\/acme\//" */
export const describeExpected = (expected: Expected): string =>
  expected.kind === "exact" ? expected.text : String(new RegExp(expected.pattern));

export const isAsExpected = (text: string, expected: Expected): boolean =>
  expected.kind === "exact" ? text === expected.text : new RegExp(expected.pattern).test(text);

/** The signature that is looked for. @example "with the key cosign.pub" */
export function describeTrust(trust: Trust): string {
  if (trust.by === "identity")
    return `by ${describeExpected(trust.identity)}, whose identity is issued by ${describeExpected(trust.issuer)}`;
  const names = trust.keys.map(({ name }) => name);
  const keys = names.length === 1 ? `the key ${names[0]}` : `one of the keys ${names.join(", ")}`;
  return `with ${keys}${trust.root === undefined ? "" : ", recorded in a transparency log"}`;
}

/** An image that has the signature which is asked for. */
export const VerifiedImage = z.object({
  /** @example "with the key cosign.pub" */
  signed: z.string(),
  /** The index that is signed and lists the image, if the image is not signed itself. */
  index: z.string().optional(),
});
export type VerifiedImage = z.infer<typeof VerifiedImage>;
