import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import type { Reference } from "../core/image-reference.ts";
import type { Registry } from "../core/registry.ts";
import { retryAfter } from "./retry-after.ts";

/** The registry does not let this user read the image. */
export const refused = ({ registry, repository }: Reference, status: number, login: Registry | undefined): SlipwayError =>
  new SlipwayError({
    code: "REGISTRY_DENIED",
    what: `the registry ${registry} refused ${login ? `user ${login.username}` : "access without a login"} for ${repository} (${status})`,
    servesNow: NOTHING_TOUCHED,
    next: login
      ? "check slipway:registry.username, then: pulumi config set --secret --path 'slipway:registry.password'"
      : "set slipway:registry (server, username, password) if the image is private, or correct slipway:image",
  });

export const missing = (image: string, { registry }: Reference): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `the image ${image} is missing in the registry ${registry}`,
    servesNow: NOTHING_TOUCHED,
    next: "push it, or correct slipway:image",
  });

export const unusable = (image: string, evidence: string): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_UNREADABLE",
    what: `could not read the digest of ${image}`,
    evidence: [evidence],
    servesNow: NOTHING_TOUCHED,
    next: "try again, or set the digest: slipway:image <name>@sha256:…",
  });

/** An answer that is no refusal and cannot be used. @param who answered it: `the registry` */
export function failed(image: string, answer: Response, who = "the registry"): SlipwayError {
  const pause = retryAfter(answer.headers, Date.now());
  const asks = pause === undefined ? "" : `, and asks to wait ${Math.ceil(pause / 1000)} s`;
  return unusable(image, `${who} answered ${answer.status}${asks}`);
}

export const unreachable = ({ registry }: Reference, thrown: unknown): SlipwayError =>
  PLAIN_HTTP.test(`${codeOf(thrown)} ${reasonOf(thrown)}`)
    ? plainHttp(registry, thrown)
    : new SlipwayError(
        {
          code: "REGISTRY_UNREACHABLE",
          what: `the registry ${registry} cannot be reached from this machine`,
          evidence: [reasonOf(thrown)],
          servesNow: NOTHING_TOUCHED,
          next: "check slipway:registry.server and the network, or set the digest: slipway:image <name>@sha256:…",
        },
        { cause: thrown },
      );

/** What OpenSSL makes of an answer that is not TLS. */
const PLAIN_HTTP = /WRONG_VERSION_NUMBER|wrong version number|PACKET_LENGTH_TOO_LONG|packet length too long/;

const plainHttp = (registry: string, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "REGISTRY_UNREACHABLE",
      what: `the registry ${registry} answers plain HTTP`,
      evidence: ["a login and an image are not sent unencrypted, except to this machine itself"],
      servesNow: NOTHING_TOUCHED,
      next: "give the registry a certificate, or put a proxy with one in front of it",
    },
    { cause: thrown },
  );

export const codeOf = (thrown: unknown): string => {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
};

/** The message of fetch is always `fetch failed`; its cause has the reason. */
const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.cause !== undefined ? messageOf(thrown.cause) || codeOf(thrown) : messageOf(thrown);
