import { digestIn } from "../../core/image-reference.ts";
import { imagesOf } from "../../core/release/named-image.ts";
import type { ReleaseInputs } from "./inputs.ts";

const SHORT = "sha256:".length + 8;
const shortly = (digest: string): string => `${digest.slice(0, SHORT)}…`;

/** What a plan says of the signatures that `slipway:verify` asks for, a line for each image. Those that lack one are in no plan. */
export function signatureLines(inputs: ReleaseInputs): string[] {
  const { canary, __verified: verified = {} } = inputs;
  const digests = new Set([...imagesOf(inputs), ...(canary === undefined ? [] : [canary])].map(({ image }) => digestIn(image)));
  return Object.entries(verified).flatMap(([digest, { signed, index }]) => {
    if (!digests.has(digest)) return [];
    const through = index === undefined ? "" : `, through the index ${shortly(index)}, which lists it`;
    return [`  verified ${shortly(digest)}: signed ${signed}${through}`];
  });
}
