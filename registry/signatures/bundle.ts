import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import type { FoundSignature } from "./found.ts";

/** What refers to an image and carries a bundle: https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md */
export const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle[.+]/;

/** What cosign 3 states when it signs. Anything else that is signed, as how the image was built, does not mean that someone approves of it. */
export const SIGNED = "https://sigstore.dev/cosign/sign/v1";

const IN_TOTO = "application/vnd.in-toto+json";

const Envelope = z.object({ dsseEnvelope: z.object({ payload: z.string(), payloadType: z.literal(IN_TOTO) }) });
const Statement = z.object({
  predicateType: z.literal(SIGNED),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string().optional() }) })),
});

/** The signature in a bundle; `undefined`: something else is signed in it. */
export function fromBundle(at: string, json: string): FoundSignature | undefined {
  const bundle = parseJson(json);
  const envelope = Envelope.safeParse(bundle);
  if (!envelope.success) return undefined;
  const statement = Statement.safeParse(parseJson(Buffer.from(envelope.data.dsseEnvelope.payload, "base64").toString("utf8")));
  if (!statement.success) return undefined;
  const images = statement.data.subject.flatMap(({ digest: { sha256 } }) => (sha256 === undefined ? [] : [`sha256:${sha256}`]));
  return { at, bundle, images };
}
