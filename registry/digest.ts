import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Deadline } from "../core/deadline.ts";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import type { Reference } from "../core/image-reference.ts";
import { loginFor, parseReference } from "../core/image-reference.ts";
import { readAtMost } from "../core/read-at-most.ts";
import type { Registry } from "../core/registry.ts";
import { parseJson } from "../core/text.ts";
import type { Bytes, Seconds } from "../core/words.ts";
import { registryUrl } from "./registry-url.ts";

/** For one digest, including all retries. */
const TIMEOUT: Seconds = 15;
const DEFAULT_TAG = "latest";
const BUSY = new Set([429, 500, 502, 503, 504]);
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/**
 * Asks the registry which image a tag means now, so that every host of a run gets the same image and the preview can show it.
 * A reference that has a digest needs no request.
 */
export async function resolveDigest(
  image: string,
  credentials: Registry | undefined,
  deadline = Deadline.in(TIMEOUT),
): Promise<string> {
  const reference = parseReference(image);
  if (reference.digest !== undefined) return reference.digest;
  const { answer, ask } = await openManifest(image, "HEAD", credentials, deadline);
  const digest = answer.headers.get("docker-content-digest") ?? (await hashOf(await ask(manifestOf(reference), "GET"), image));
  if (!DIGEST.test(digest)) throw unusable(image, "the registry answered with an invalid digest");
  return digest;
}

/** The manifest of an image, from a registry that has granted access. */
export interface OpenedManifest {
  readonly answer: Response;
  /** Requests another path of the same repository: `blobs/sha256:…`. */
  readonly ask: (path: string, method: "HEAD" | "GET") => Promise<Response>;
}

/**
 * Requests the manifest of an image, with the login if the registry asks for it. Rejects with a `SlipwayError`.
 *
 * @param login of any registry: that of another one is not sent
 */
export async function openManifest(
  image: string,
  method: "HEAD" | "GET",
  login: Registry | undefined,
  deadline: Deadline,
): Promise<OpenedManifest> {
  const reference = parseReference(image);
  const credentials = loginFor(image, login);
  const repository = `${registryUrl(reference.registry)}/v2/${reference.repository}`;
  const askWith =
    (authorization: string | undefined): OpenedManifest["ask"] =>
    (path, how) => {
      const headers = { accept: MANIFESTS, ...(authorization && { authorization }) };
      return request(reference, `${repository}/${path}`, { method: how, headers }, deadline);
    };
  const open = await askWith(undefined)(manifestOf(reference), method);
  const authorization = open.status === 401 ? await authorize(image, open, credentials, deadline) : undefined;
  const ask = askWith(authorization);
  const answer = authorization === undefined ? open : await ask(manifestOf(reference), method);
  if (answer.status === 401 || answer.status === 403) throw refused(reference, answer.status, credentials);
  if (answer.status === 404) throw missing(image, reference);
  if (!answer.ok) throw unusable(image, `the registry answered ${answer.status}`);
  return { answer, ask };
}

const manifestOf = ({ digest, tag }: Reference): string => `manifests/${digest ?? tag ?? DEFAULT_TAG}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

async function hashOf(answer: Response, image: string): Promise<string> {
  if (!answer.ok) throw unusable(image, `the registry answered ${answer.status}`);
  return `sha256:${createHash("sha256")
    .update(await body(answer, image))
    .digest("hex")}`;
}

/** The largest manifest that registries accept has 4 MiB. */
const MOST: Bytes = 16 * 1024 * 1024;

/** The deadline of the request also covers its body. */
export async function body(answer: Response, image: string): Promise<string> {
  try {
    return answer.body === null ? "" : (await readAtMost(answer.body, MOST)).toString("utf8");
  } catch (thrown) {
    throw unreachable(parseReference(image), thrown);
  }
}

const Token = z.object({ token: z.string().min(1) }).or(z.object({ access_token: z.string().min(1) }));

/** Gets a token where the registry says so: https://distribution.github.io/distribution/spec/auth/token/ */
async function authorize(
  image: string,
  challenged: Response,
  credentials: Registry | undefined,
  deadline: Deadline,
): Promise<string> {
  const reference = parseReference(image);
  const basic = credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  const challenge = challenged.headers.get("www-authenticate") ?? "";
  if (!/^bearer /i.test(challenge)) {
    if (basic === undefined) throw refused(reference, 401, credentials);
    return basic;
  }
  const url = tokenEndpoint(challenge, registryUrl(reference.registry));
  if (typeof url === "string") throw unusable(image, url);
  url.searchParams.set("scope", `repository:${reference.repository}:pull`);
  const answer = await request(reference, url.href, { headers: basic === undefined ? {} : { authorization: basic } }, deadline);
  if (!answer.ok) throw refused(reference, answer.status, credentials);
  const token = Token.safeParse(parseJson(await body(answer, image)));
  if (!token.success) throw unusable(image, `${url.origin}, where the registry asks for a login, returned no token`);
  return `Bearer ${"token" in token.data ? token.data.token : token.data.access_token}`;
}

/** Where the registry says to get a token, or why not there: a login is not sent unencrypted unless the registry itself is. */
export function tokenEndpoint(challenge: string, registry: string): URL | string {
  const { realm = "", service } = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  const url = URL.parse(realm);
  if (url === null || !/^https?:$/.test(url.protocol)) return "the registry requires a token and does not say where to get one";
  if (url.protocol === "http:" && registry.startsWith("https:"))
    return `the registry asks for the login to be sent to ${url.origin}, unencrypted`;
  if (service !== undefined) url.searchParams.set("service", service);
  return url;
}

/** One request. It is retried with jitter until the deadline if the registry is busy or the connection breaks. */
async function request(reference: Reference, url: string, init: RequestInit, deadline: Deadline): Promise<Response> {
  for (let pause = 200; ; pause *= 2) {
    const last = deadline.remaining < pause * 2;
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(Math.ceil(deadline.remaining) + 1) });
      if (!BUSY.has(answer.status) || last) return answer;
    } catch (thrown) {
      if (last || !isTransient(thrown)) throw unreachable(reference, thrown);
    }
    await sleep(pause * (0.75 + Math.random() / 2));
  }
}

const TRANSIENT = new Set(["ECONNRESET", "EPIPE", "EAI_AGAIN", "UND_ERR_SOCKET"]);
const isTransient = (thrown: unknown): boolean => TRANSIENT.has(codeOf(thrown));

const codeOf = (thrown: unknown): string => {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
};

/** The message of fetch is always `fetch failed`; its cause has the reason. */
const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.cause !== undefined ? messageOf(thrown.cause) || codeOf(thrown) : messageOf(thrown);

const refused = ({ registry, repository }: Reference, status: number, credentials: Registry | undefined): SlipwayError =>
  new SlipwayError({
    code: "REGISTRY_DENIED",
    what: `the registry ${registry} refused ${credentials ? `user ${credentials.username}` : "access without a login"} for ${repository} (${status})`,
    servesNow: NOTHING_TOUCHED,
    next: credentials
      ? "check slipway:registry.username, then: pulumi config set --secret --path 'slipway:registry.password'"
      : "set slipway:registry (server, username, password) if the image is private, or correct slipway:image",
  });

const missing = (image: string, { registry }: Reference): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `the image ${image} is missing in the registry ${registry}`,
    servesNow: NOTHING_TOUCHED,
    next: "push it, or correct slipway:image",
  });

const unusable = (image: string, evidence: string): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_UNREADABLE",
    what: `could not read the digest of ${image}`,
    evidence: [evidence],
    servesNow: NOTHING_TOUCHED,
    next: "try again, or set the digest: slipway:image <name>@sha256:…",
  });

const unreachable = ({ registry }: Reference, thrown: unknown): SlipwayError =>
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
