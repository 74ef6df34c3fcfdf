import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { isInNoRegistry } from "../../core/local-image.ts";
import { parseJson } from "../../core/text.ts";
import type { Expected, Trust, TrustedKey, TrustedRoot } from "../../core/trust.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import type { ImageSource } from "./image-source.ts";

const CosignSection = section({
  key: field(z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]), {
    is: "The public key of who signs, from the project's folder, or its text (PEM); a list accepts a signature with any of them, so that a key can be replaced.",
    otherwise: "signatures without a key, by identity",
    refused: "a private key; a key that is neither ECDSA on P-256, as cosign makes them, nor RSA",
    example: "cosign.pub",
  }),
  identity: field(z.string().min(1), {
    is: "Who signs without a key: the identity in the certificate, as of `cosign verify --certificate-identity`.",
    otherwise: "identity_regexp",
    refused: "beside key; without an issuer",
    example: "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main",
  }),
  identity_regexp: field(z.string().min(1), {
    is: "The same as a regular expression. It may match any part: begin with `^` and end with `$`.",
    otherwise: "identity",
    refused: "beside key or identity; without an issuer",
    example: "^https://github\\.com/acme/shop/\\.github/workflows/release\\.yml@refs/tags/v.*$",
  }),
  issuer: field(z.string().min(1), {
    is: "Who vouches for the identity, as of `cosign verify --certificate-oidc-issuer`.",
    otherwise: "issuer_regexp",
    refused: "beside key; without an identity",
    example: "https://token.actions.githubusercontent.com",
  }),
  issuer_regexp: field(z.string().min(1), {
    is: "The same as a regular expression.",
    otherwise: "issuer",
    refused: "beside key or issuer; without an identity",
    example: "^https://gitlab\\.acme\\.example$",
  }),
  trusted_root: field(z.string().min(1), {
    is: "The certificate authorities and logs of Sigstore that are trusted, a file of the project, as of `cosign trusted-root create --with-default-services --out trusted_root.json`. Nothing of it is fetched.",
    otherwise: "none is needed with key",
    refused: "missing without key, or with transparency_log; a file that is no trusted root",
    example: "trusted_root.json",
  }),
  transparency_log: field(z.boolean(), {
    is: "Whether a signature with a key counts only if a log of trusted_root has recorded it. A signature without a key always has to be recorded.",
    default: false,
    refused: "false without key",
    example: true,
  }),
});
type CosignInput = z.infer<typeof CosignSection>;

export const VerifySection = section({
  cosign: field(CosignSection, {
    is: "The signature of cosign that the image must have: with a key, or by an identity.",
    refused: "missing; without key or identity",
    example: { key: "cosign.pub" },
  }),
});
export type VerifyInput = z.infer<typeof VerifySection>;

/** The images that are verified, and where they are written. */
export interface Verified {
  /** Of the app, and of roles that have their own. */
  readonly sources: readonly ImageSource[];
  /** Of the canary, if it names one. */
  readonly canary: string | undefined;
  /** The project's folder. */
  readonly project: string;
}

export function resolveVerify(input: VerifyInput | undefined, own: Verified, place: ConfigPath): Trust | undefined {
  if (input === undefined) return undefined;
  refuseWithoutRegistry(own, place);
  if (input.cosign === undefined)
    return void place.at("cosign").refuse("is required: { key }, or { identity, issuer, trusted_root }");
  const at = place.at("cosign");
  return input.cosign.key === undefined
    ? resolveIdentity(input.cosign, own.project, at)
    : resolveKey(input.cosign, input.cosign.key, own.project, at);
}

/** Signatures are kept beside the image in its registry: what is not there cannot be verified, and is not released unverified. */
function refuseWithoutRegistry({ sources, canary }: Verified, place: ConfigPath): void {
  if (sources.some(({ builder }) => builder !== undefined)) {
    place.refuse(
      "slipway:builder makes the image in the run, before anyone could sign it: remove one of them; CI can push, sign and deploy the digest",
    );
    return;
  }
  const local = [...sources.map(({ image }) => image), canary].find((one) => one !== undefined && isInNoRegistry(one));
  if (local !== undefined)
    place.refuse(`${quoted(local)} is in no registry, where signatures are kept: remove verify, or push the image`);
}

function resolveKey(input: CosignInput, written: string | string[], project: string, place: ConfigPath): Trust | undefined {
  for (const key of ["identity", "identity_regexp", "issuer", "issuer_regexp"] as const)
    if (input[key] !== undefined) place.at(key).refuse("is for signatures without a key: remove it, or key");
  const names = [written].flat();
  const keys = names.flatMap(
    (name, nth) => readKey(name, project, Array.isArray(written) ? place.at("key", nth) : place.at("key")) ?? [],
  );
  const isLogged = input.transparency_log ?? false;
  if (isLogged && input.trusted_root === undefined)
    place.at("trusted_root").refuse("is required with transparency_log: the log's own key is in it");
  if (!isLogged && input.trusted_root !== undefined)
    place.at("trusted_root").refuse("is used with transparency_log: true: set that, or remove it");
  const root = isLogged ? readRoot(input.trusted_root, project, place.at("trusted_root")) : undefined;
  const [first, ...others] = keys;
  return first === undefined ? undefined : { by: "key", keys: [first, ...others], root };
}

function resolveIdentity(input: CosignInput, project: string, place: ConfigPath): Trust | undefined {
  const names = ["identity", "identity_regexp", "issuer", "issuer_regexp"] as const;
  if (names.every((name) => input[name] === undefined))
    return void place.refuse("who signs? Set key, or identity, issuer and trusted_root");
  const identity = expected(input.identity, input.identity_regexp, "identity", place);
  const issuer = expected(input.issuer, input.issuer_regexp, "issuer", place);
  if (input.transparency_log === false)
    place
      .at("transparency_log")
      .refuse("has to be true without a key: only the log shows that a certificate was valid when it signed");
  if (input.trusted_root === undefined)
    place
      .at("trusted_root")
      .refuse("is required without a key: cosign trusted-root create --with-default-services --out trusted_root.json");
  const root = readRoot(input.trusted_root, project, place.at("trusted_root"));
  return identity === undefined || issuer === undefined || root === undefined
    ? undefined
    : { by: "identity", identity, issuer, root };
}

function expected(
  exact: string | undefined,
  pattern: string | undefined,
  key: "identity" | "issuer",
  place: ConfigPath,
): Expected | undefined {
  const other = `${key}_regexp`;
  if (exact !== undefined && pattern !== undefined) place.at(other).refuse(`contradicts ${key}: remove one of them`);
  if (exact !== undefined) return { kind: "exact", text: exact };
  if (pattern === undefined)
    return void place
      .at(key)
      .refuse(
        key === "issuer"
          ? "is required: who vouches for the identity, or issuer_regexp"
          : "is required: who signs, or identity_regexp",
      );
  try {
    new RegExp(pattern);
    return { kind: "pattern", pattern };
  } catch {
    return void place.at(other).refuse(`${quoted(pattern)} is not a regular expression`);
  }
}

function readKey(written: string, project: string, place: ConfigPath): TrustedKey | undefined {
  const isText = written.includes("-----BEGIN ");
  const pem = isText ? written : readText(written, project, place);
  if (pem === undefined) return undefined;
  if (pem.includes("PRIVATE KEY-----"))
    return void place.refuse("is a private key, which belongs to who signs alone: set the public one, cosign.pub");
  const fault = faultOfKey(pem);
  return fault === undefined ? { name: isText ? "of slipway:verify" : written, pem } : void place.refuse(fault);
}

function faultOfKey(pem: string): string | undefined {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(pem);
    const isKnown = asymmetricKeyType === "rsa" || asymmetricKeyDetails?.namedCurve === "prime256v1";
    return isKnown ? undefined : "is neither a key on P-256, as cosign generate-key-pair makes it, nor RSA";
  } catch {
    return "is not a public key in PEM format: -----BEGIN PUBLIC KEY-----";
  }
}

const Root = z.object({ mediaType: z.string().regex(/^application\/vnd\.dev\.sigstore\.trustedroot[.+]/) });

function readRoot(name: string | undefined, project: string, place: ConfigPath): TrustedRoot | undefined {
  if (name === undefined) return undefined;
  const json = readText(name, project, place);
  if (json === undefined) return undefined;
  if (Root.safeParse(parseJson(json)).success) return { name, json };
  return void place.refuse(
    `${quoted(name)} is not a trusted root of Sigstore: cosign trusted-root create --with-default-services --out ${name}`,
  );
}

function readText(path: string, project: string, place: ConfigPath): string | undefined {
  try {
    return readFileSync(resolve(project, path), "utf8");
  } catch {
    return void place.refuse(`the project has no file ${quoted(path)} that can be read`);
  }
}
