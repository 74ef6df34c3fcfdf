import { z } from "zod";
import { isTag } from "../../core/image-reference.ts";
import { isInNoRegistry } from "../../core/local-image.ts";
import type { CanaryShare } from "../../core/release/canary.ts";
import { repositoryOf, resolveAppImage, TAG_RULE } from "../container/image.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import type { Role } from "./role.ts";

/** Another version that serves a share of the requests, beside the release. */
export interface Canary {
  /** With its tag or digest. */
  readonly image: string;
  readonly version: string | undefined;
  readonly share: CanaryShare;
}

export const CanarySection = section({
  version: field(z.string(), {
    is: "A tag of the same repository; with image, the name of the canary's release.",
    refused: "missing without image",
    example: "1.5.0",
  }),
  image: field(z.string(), {
    is: "The canary's image, with tag or digest, `file://PATH`, or `engine://NAME:TAG`.",
    otherwise: "slipway:image with the tag version",
    refused: "the image of the release",
    example: "ghcr.io/acme/shop:1.5.0-rc.1",
  }),
  percent: field(z.int().min(1).max(100), {
    is: "Percentage of the values of the cookie kamal-rollout whose requests it serves.",
    refused: "together with allow; missing without allow",
    example: 10,
  }),
  allow: field(z.array(z.string()).min(1), {
    is: "Values of the cookie kamal-rollout whose requests it serves.",
    refused: "together with percent",
    example: ["beta-testers"],
  }),
});
type CanaryInput = z.infer<typeof CanarySection>;

export function resolveCanary(
  input: CanaryInput | undefined,
  image: string,
  roles: readonly Role[],
  place: ConfigPath,
): Canary | undefined {
  if (input === undefined) return undefined;
  if (input.version !== undefined && !isTag(input.version))
    place.at("version").refuse(`${quoted(input.version)} is not a valid name of a release: ${TAG_RULE}`);
  if (input.version === undefined && input.image === undefined) place.refuse("set version or image: what the canary runs");
  if (input.image !== undefined) resolveAppImage(input.image, place.at("image"));
  if (input.image === undefined && isInNoRegistry(image))
    place.refuse("needs image: the release's image is in no registry, which would have other versions of it");
  const own = input.image ?? `${repositoryOf(image)}:${input.version ?? ""}`;
  if (own === image) place.at(input.image === undefined ? "version" : "image").refuse("is the image of the release itself");
  refuseUnsuited(roles, place);
  return { image: own, version: input.version, share: resolveShare(input, place) };
}

function refuseUnsuited(roles: readonly Role[], place: ConfigPath): void {
  const proxied = roles.filter(({ proxy }) => proxy !== undefined);
  const alone = proxied.find(({ strategy }) => strategy === "stop-first");
  if (roles.length > 0 && proxied.length === 0) place.refuse("needs a proxied role: the proxy splits the requests");
  if (alone !== undefined)
    place.refuse(`the role ${alone.name} is stop-first: two of its containers cannot run at the same time`);
}

/** Valid in a cookie and in a list of kamal-proxy. */
const COOKIE_VALUE = /^[^\s",;\\]+$/;

function resolveShare({ percent, allow }: CanaryInput, place: ConfigPath): CanaryShare {
  if ((percent === undefined) === (allow === undefined))
    place.refuse("set either percent or allow: which requests the canary serves");
  allow?.forEach((value, at) => {
    if (!COOKIE_VALUE.test(value)) place.at("allow", at).refuse(`${quoted(value)} is not a valid cookie value`);
  });
  return percent === undefined ? { to: "allowed", allow: allow ?? [] } : { to: "percent", percent };
}
