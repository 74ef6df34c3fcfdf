import { createPublicKey, X509Certificate } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { PolicyError, toSignedEntity, toTrustMaterial, VerificationError, Verifier } from "@sigstore/verify";
import { z } from "zod";
import { messageOf } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import { isAsExpected, type Trust, type TrustedKey } from "../../core/trust.ts";
import type { FoundSignature } from "./found.ts";

/** What a signature is worth. */
export type Verdict =
  | { readonly kind: "trusted" /** @example "with the key cosign.pub" */; readonly by: string }
  | { readonly kind: "refused"; readonly because: string };

const refused = (because: string): Verdict => ({ kind: "refused", because });

/** Judges a signature of the image with this digest. Pure: nothing is fetched. */
export function judge(found: FoundSignature, digest: string, trust: Trust): Verdict {
  if (!found.images.includes(digest)) return refused(`is of another image: ${found.images.join(", ") || "none"}`);
  const certificate = certificateIn(found.bundle);
  try {
    if (trust.by === "identity")
      return certificate === undefined ? refused("is with a key, without an identity") : byIdentity(found, trust);
    return certificate === undefined ? byKey(found, trust) : refused(`is without a key, by ${certificate.name ?? "no identity"}`);
  } catch (thrown) {
    // The library throws its own errors for what it refuses, and any others for what cannot be read.
    const isOurs = thrown instanceof VerificationError || thrown instanceof PolicyError;
    return refused(isOurs ? `does not hold: ${thrown.message}` : `cannot be read: ${messageOf(thrown)}`);
  }
}

type ByKey = Extract<Trust, { by: "key" }>;
type ByIdentity = Extract<Trust, { by: "identity" }>;

function byKey(found: FoundSignature, { keys, root }: ByKey): Verdict {
  const reasons = keys.map((key): Verdict => {
    try {
      verifierFor(root?.json, key, { tlogThreshold: root === undefined ? 0 : 1, timestampThreshold: 0 }).verify(
        entityOf(root === undefined ? withoutLog(found) : found),
      );
      return { kind: "trusted", by: `with the key ${key.name}` };
    } catch (thrown) {
      if (thrown instanceof VerificationError && thrown.code === "SIGNATURE_ERROR") return refused("is with another key");
      throw thrown;
    }
  });
  return reasons.find(({ kind }) => kind === "trusted") ?? refused("is with another key");
}

function byIdentity(found: FoundSignature, { identity, issuer, root }: ByIdentity): Verdict {
  const signer = verifierFor(root.json, undefined, {}).verify(entityOf(found)).identity;
  const [who = "", vouchedBy = ""] = [signer?.subjectAlternativeName, signer?.extensions?.issuer];
  const text = `by ${who}, whose identity is issued by ${vouchedBy}`;
  return isAsExpected(who, identity) && isAsExpected(vouchedBy, issuer) ? { kind: "trusted", by: text } : refused(`is ${text}`);
}

/** @param key of signatures without a certificate */
function verifierFor(root: string | undefined, key: TrustedKey | undefined, thresholds: object): Verifier {
  const trusted = TrustedRoot.fromJSON(root === undefined ? {} : parseJson(root));
  const publicKey = key && createPublicKey(key.pem);
  const material = toTrustMaterial(trusted, () => {
    if (publicKey === undefined) throw new VerificationError({ code: "PUBLIC_KEY_ERROR", message: "it has no certificate" });
    return { publicKey, validFor: () => true };
  });
  return new Verifier(material, thresholds);
}

const entityOf = ({ bundle, payload }: FoundSignature) => toSignedEntity(bundleFromJSON(bundle), payload);

const Material = z.looseObject({ verificationMaterial: z.looseObject({}) });

/** The entries of logs are left out where no log is trusted: a key needs none. */
function withoutLog(found: FoundSignature): FoundSignature {
  const bundle = Material.parse(found.bundle);
  const { timestampVerificationData: _, ...material } = bundle.verificationMaterial;
  return { ...found, bundle: { ...bundle, verificationMaterial: { ...material, tlogEntries: [] } } };
}

const raw = z.object({ rawBytes: z.string() });
const Certified = z.object({
  verificationMaterial: z.union([
    z.object({ certificate: raw }).transform(({ certificate }) => certificate.rawBytes),
    z
      .object({ x509CertificateChain: z.object({ certificates: z.array(raw).min(1) }) })
      .transform(({ x509CertificateChain: { certificates } }) => certificates[0]?.rawBytes ?? ""),
  ]),
});

/** Who signed, not yet verified; `undefined`: it was with a key. */
function certificateIn(bundle: unknown): { readonly name: string | undefined } | undefined {
  const read = Certified.safeParse(bundle);
  if (!read.success) return undefined;
  try {
    const { subjectAltName } = new X509Certificate(Buffer.from(read.data.verificationMaterial, "base64"));
    return { name: subjectAltName?.replace(/^(?:URI|email):/, "") };
  } catch {
    return { name: undefined };
  }
}
