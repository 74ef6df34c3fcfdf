import { createHash } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import type { FoundSignature } from "./found.ts";

/** What a layer of the tag `sha256-….sig` is: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
export const SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";

const SIGNATURE = "dev.cosignproject.cosign/signature";
const CERTIFICATE = "dev.sigstore.cosign/certificate";
const LOGGED = "dev.sigstore.cosign/bundle";
const TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";

const Payload = z.object({
  critical: z.object({
    image: z.object({ "docker-manifest-digest": z.string() }),
    type: z.literal("cosign container image signature"),
  }),
});
const Entry = z.object({
  SignedEntryTimestamp: z.string(),
  Payload: z.object({ body: z.string(), integratedTime: z.number(), logIndex: z.number(), logID: z.string() }),
});
const Body = z.object({ kind: z.string(), apiVersion: z.string() });
const Timestamp = z.object({ SignedRFC3161Timestamp: z.string() });

/**
 * A signature of cosign 2, of which the parts are annotations of its layer, in the form of a bundle.
 *
 * @param payload the content of the layer
 */
export function fromAnnotations(at: string, payload: Buffer, annotations: Readonly<Record<string, string>>): FoundSignature {
  const claim = Payload.safeParse(parseJson(payload.toString("utf8")));
  const logged = Entry.safeParse(parseJson(annotations[LOGGED] ?? ""));
  const stamped = Timestamp.safeParse(parseJson(annotations[TIMESTAMP] ?? ""));
  const certificate = annotations[CERTIFICATE];
  return {
    at,
    payload,
    images: claim.success ? [claim.data.critical.image["docker-manifest-digest"]] : [],
    bundle: {
      mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
      verificationMaterial: {
        ...(certificate
          ? { x509CertificateChain: { certificates: [{ rawBytes: derOf(certificate) }] } }
          : { publicKey: { hint: "" } }),
        tlogEntries: logged.success ? [entryOf(logged.data)] : [],
        ...(stamped.success && {
          timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: stamped.data.SignedRFC3161Timestamp }] },
        }),
      },
      messageSignature: {
        messageDigest: { algorithm: "SHA2_256", digest: createHash("sha256").update(payload).digest("base64") },
        signature: annotations[SIGNATURE] ?? "",
      },
    },
  };
}

const derOf = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, "");

function entryOf({ SignedEntryTimestamp, Payload: { body, integratedTime, logIndex, logID } }: z.infer<typeof Entry>) {
  const kind = Body.safeParse(parseJson(Buffer.from(body, "base64").toString("utf8")));
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, "hex").toString("base64") },
    kindVersion: kind.success ? { kind: kind.data.kind, version: kind.data.apiVersion } : undefined,
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    canonicalizedBody: body,
  };
}
