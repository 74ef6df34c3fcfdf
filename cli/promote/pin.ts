import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { digestIn, parseReference, pinned } from "../../core/image-reference.ts";
import type { NamedImage, ReleasedImages } from "../../core/release/named-image.ts";
import type { RoleName } from "../../core/words.ts";
import type { StackValues } from "../../project/config-values.ts";
import { rolesIn, withOwnImages } from "../reconfigure/own-images.ts";
import type { Recipe } from "../reconfigure/rewriting.ts";

/** The stack that is promoted, and the one that gets it. */
interface Between {
  readonly from: string;
  readonly stack: string;
}

/** What a promotion compares: a digest means the same in every repository. */
export const imagesByRole = ({ version, image, images = {} }: ReleasedImages): Record<RoleName, string> =>
  Object.fromEntries(
    Object.entries({ "": { version, image }, ...images }).map(([role, own]) => [role, `${own.version} ${digestIn(own.image)}`]),
  );

/** The config with those images. Everything else of it stays: a stack has its own env, secrets and hosts. */
export function withImages({ image, version, images = {} }: ReleasedImages, now: StackValues, between: Between): StackValues {
  const { "slipway:servers": servers } = now;
  const others = rolesIn(servers).filter(
    ([role, { image: own, builder }]) => (own ?? builder) !== undefined && !(role in images),
  );
  if (others.length > 0)
    throw notPromoted(
      others.map(([role]) => role),
      between,
    );
  const pinRole = (_role: unknown, own: NamedImage) => ({ image: byDigest(own.image), version: own.version });
  return {
    ...now,
    ...(servers === undefined ? {} : { "slipway:servers": withOwnImages(servers, images, pinRole) }),
    "slipway:image": { value: byDigest(image), secret: false },
    "slipway:version": { value: version, secret: false },
  };
}

function byDigest(image: string): string {
  const reference = parseReference(image);
  return pinned(reference, reference.digest ?? "");
}

/** No secret changes, so that none has to be decrypted. */
export function recipeFor(promoted: ReleasedImages, between: Between): Recipe {
  const rewrite = async () => (now: StackValues) => withImages(promoted, now, between);
  return { sealed: rewrite, open: rewrite };
}

const notPromoted = (roles: readonly RoleName[], { from, stack }: Between): SlipwayError =>
  new SlipwayError({
    code: "CONFIG_INVALID",
    what: `${stack} has an image of its own for ${roles.join(", ")}, and ${from} has not, so that it would run two versions`,
    evidence: roles.map((role) => `slipway:servers.${role}`),
    servesNow: NOTHING_TOUCHED,
    next: `let the roles of both stacks have the same images, then promote ${from} again`,
  });
