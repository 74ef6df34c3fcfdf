import { timingSafeEqual } from "node:crypto";
import type { Bytes } from "../../core/words.ts";
import { type Descriptor, isPlainTar } from "../store/oci.ts";

/** A request as far as it decides the answer. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What may be asked for. */
export interface Served {
  readonly manifests: ReadonlyMap<string, Descriptor>;
  readonly blobs: ReadonlyMap<string, Descriptor>;
  readonly password: string;
}

/** What of a blob is sent. */
export interface Content {
  readonly blob: Descriptor;
  /** The first and the last byte. */
  readonly range?: { readonly start: Bytes; readonly end: Bytes };
  readonly gzip?: true;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A blob's bytes, or a text of our own. */
  readonly body?: Content | string;
}

/** Whom a host's Docker logs in as. */
export const USER = "slipway";

const VERSION = { "Docker-Distribution-Api-Version": "registry/2.0" };
const MANIFEST = /^\/v2\/[a-z0-9/._-]+\/manifests\/(?<reference>[^/]+)$/;
const BLOB = /^\/v2\/[a-z0-9/._-]+\/blobs\/(?<digest>sha256:[0-9a-f]{64})$/;

/**
 * The answer of a read-only registry (https://distribution.github.io/distribution/spec/api/) that has just these manifests and blobs, under
 * whatever name they are asked for. It has no tags and no referrers. Pure.
 */
export function answerOf({ method, url, headers }: Asked, served: Served): Answer {
  if (!isAllowed(headers.authorization, served.password)) return denied();
  const [path = ""] = url.split("?");
  if (method !== "GET" && method !== "HEAD") return refused(405, "UNSUPPORTED", "this registry can only be read");
  if (/^\/v2\/?$/.test(path)) return { status: 200, headers: { ...VERSION, "Content-Type": "application/json" }, body: "{}" };
  const manifest = served.manifests.get(MANIFEST.exec(path)?.groups?.reference ?? "");
  if (manifest !== undefined)
    return withBody(method, { ...common(manifest), "Content-Type": manifest.mediaType }, { blob: manifest });
  const blob = served.blobs.get(BLOB.exec(path)?.groups?.digest ?? "");
  if (blob === undefined)
    return refused(404, path.includes("/manifests/") ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN", "it is not served here");
  return blobAnswer(method, headers, blob);
}

function blobAnswer(method: string, headers: Asked["headers"], blob: Descriptor): Answer {
  const type = { "Content-Type": "application/octet-stream" };
  const range = rangeOf(headers.range, blob.size);
  if (range === "unsatisfiable")
    return { status: 416, headers: { ...VERSION, "Content-Range": `bytes */${blob.size}`, "Content-Length": "0" } };
  if (range !== undefined) {
    const { start, end } = range;
    const length = { "Content-Length": String(end - start + 1), "Content-Range": `bytes ${start}-${end}/${blob.size}` };
    return { ...withBody(method, { ...common(blob), ...type, ...length }, { blob, range }), status: 206 };
  }
  if (method === "GET" && isPlainTar(blob.mediaType) && takesGzip(headers["accept-encoding"])) {
    // What comes out of the compressor has no length that is known before.
    const { "Content-Length": _length, ...rest } = common(blob);
    return {
      status: 200,
      headers: { ...rest, ...type, "Content-Encoding": "gzip", Vary: "Accept-Encoding" },
      body: { blob, gzip: true },
    };
  }
  return withBody(method, { ...common(blob), ...type }, { blob });
}

const common = ({ digest, size }: Descriptor) => ({
  ...VERSION,
  "Content-Length": String(size),
  "Docker-Content-Digest": digest,
  "Accept-Ranges": "bytes",
  ETag: `"${digest}"`,
});

const withBody = (method: string, headers: Answer["headers"], body: Content): Answer => ({
  status: 200,
  headers,
  ...(method === "HEAD" ? {} : { body }),
});

/** Every local user of the host reaches the port. */
function isAllowed(given: string | string[] | undefined, password: string): boolean {
  const wanted = Buffer.from(`Basic ${Buffer.from(`${USER}:${password}`).toString("base64")}`);
  const found = Buffer.from(typeof given === "string" ? given : "");
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

/** Docker 20.10 recognizes a registry by the header of its version; without the challenge no engine sends the password. */
const denied = (): Answer => {
  const answer = refused(401, "UNAUTHORIZED", "a password is required");
  return { ...answer, headers: { ...answer.headers, "WWW-Authenticate": 'Basic realm="slipway"' } };
};

function refused(status: number, code: string, message: string): Answer {
  const body = JSON.stringify({ errors: [{ code, message }] });
  return { status, headers: { ...VERSION, "Content-Type": "application/json", "Content-Length": String(body.length) }, body };
}

/** One range, from a byte on or between two: what pullers send. Anything else is answered with all of the blob, as HTTP allows. */
function rangeOf(
  written: string | string[] | undefined,
  size: Bytes,
): { start: Bytes; end: Bytes } | "unsatisfiable" | undefined {
  const { from, to } = /^bytes=(?<from>\d+)-(?<to>\d*)$/.exec(typeof written === "string" ? written : "")?.groups ?? {};
  if (from === undefined) return undefined;
  const start = Number(from);
  const end = Math.min(to ? Number(to) : size - 1, size - 1);
  return start >= size || end < start ? "unsatisfiable" : { start, end };
}

const takesGzip = (accepted: string | string[] | undefined): boolean =>
  String(accepted ?? "")
    .split(",")
    .map((one) => one.trim())
    .some((one) => /^(?:gzip|\*)(?:\s*;\s*q\s*=\s*(?:1|0?\.\d*[1-9]\d*|1\.0*))?$/i.test(one));
