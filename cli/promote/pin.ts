import { parseReference, pinned } from "../../core/image-reference.ts";
import type { StackValues } from "../../project/config-values.ts";
import type { Recipe } from "../reconfigure/rewriting.ts";

/** What is promoted: the image by digest, and the name that it was released under. */
export interface Promoted {
  readonly image: string;
  readonly version: string;
}

/** The config with that image. Everything else of it stays: a stack has its own env, secrets and hosts. */
export function withImage({ image, version }: Promoted, now: StackValues): StackValues {
  const reference = parseReference(image);
  const value = pinned(reference, reference.digest ?? "");
  return { ...now, "slipway:image": { value, secret: false }, "slipway:version": { value: version, secret: false } };
}

/** No secret changes, so that none has to be decrypted. */
export function recipeFor(promoted: Promoted): Recipe {
  const rewrite = async () => (now: StackValues) => withImage(promoted, now);
  return { sealed: rewrite, open: rewrite };
}
