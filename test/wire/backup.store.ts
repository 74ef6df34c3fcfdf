import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const KEYS = { accessKey: "test-access", secretKey: "test-secret" } as const;
const REGION = "test-1";

/** A store that speaks enough of S3 on loopback: it checks signature and payload hash of every request, and keeps objects in memory. */
export interface Store extends AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Key → content. */
  readonly objects: Map<string, Buffer>;
  /** Uploads that were neither completed nor taken back. */
  readonly uploads: ReadonlyMap<string, unknown>;
  /** Requests that were refused, with the reason. */
  readonly refused: readonly string[];
  /** The next requests of this method are answered with 500. */
  failNext(method: string, times: number): void;
}

export async function aStore(): Promise<Store> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const refused: string[] = [];
  const failing = new Map<string, number>();
  const bucket = "backups";

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    const { method = "" } = request;
    const answer = (status: number, text = "", headers: Record<string, string> = {}) =>
      response.writeHead(status, headers).end(method === "HEAD" ? "" : text);
    const fault = faultOf(request, body);
    if (fault !== undefined) {
      refused.push(fault);
      return void answer(403, `<Error><Code>SignatureDoesNotMatch</Code><Message>${fault}</Message></Error>`);
    }
    const left = failing.get(method) ?? 0;
    if (left > 0) {
      failing.set(method, left - 1);
      return void answer(500, "<Error><Code>InternalError</Code></Error>");
    }
    const url = new URL(request.url ?? "", "http://store");
    const query = url.searchParams;
    const key = decodeURIComponent(url.pathname).replace(`/${bucket}`, "").replace(/^\//, "");
    const upload = query.get("uploadId");
    if (method === "GET" && query.has("list-type")) return void answer(200, listing(objects, query.get("prefix") ?? ""));
    const object = objects.get(key);
    if (method === "GET" && object === undefined) return void answer(404);
    if (method === "GET" && object !== undefined) {
      const wanted = request.headers["if-match"];
      if (wanted !== undefined && wanted !== etagOf(object))
        return void answer(412, "<Error><Code>PreconditionFailed</Code></Error>");
      return void response.writeHead(200, { ETag: etagOf(object) }).end(object);
    }
    if (method === "POST" && query.has("uploads")) {
      const id = `upload-${uploads.size + 1}`;
      uploads.set(id, new Map());
      return void answer(200, `<R><UploadId>${id}</UploadId></R>`);
    }
    const pieces = upload === null ? undefined : uploads.get(upload);
    if (upload !== null && pieces === undefined) return void answer(404, "<Error><Code>NoSuchUpload</Code></Error>");
    if (method === "PUT" && pieces !== undefined) {
      pieces.set(Number(query.get("partNumber")), body);
      return void answer(200, "", { ETag: etagOf(body) });
    }
    if (method === "POST" && pieces !== undefined && upload !== null) {
      const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>(.*?)<\/ETag>/g)];
      const whole = named.map(([, number, etag]) => {
        const piece = pieces.get(Number(number)) ?? Buffer.alloc(0);
        return etagOf(piece) === etag?.replaceAll("&quot;", '"') ? piece : undefined;
      });
      if (whole.some((piece) => piece === undefined) || whole.length !== pieces.size)
        return void answer(200, "<Error><Code>InvalidPart</Code></Error>");
      objects.set(key, Buffer.concat(whole.filter((piece) => piece !== undefined)));
      uploads.delete(upload);
      return void answer(200, "<R/>");
    }
    if (method === "DELETE" && upload !== null) {
      uploads.delete(upload);
      return void answer(204);
    }
    if (method === "PUT") {
      objects.set(key, body);
      return void answer(200, "", { ETag: etagOf(body) });
    }
    objects.delete(key);
    answer(204);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((thrown: unknown) => response.writeHead(500).end(String(thrown)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    bucket,
    ...KEYS,
    objects,
    uploads,
    refused,
    failNext: (method, times) => void failing.set(method, times),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const etagOf = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;

const listing = (objects: ReadonlyMap<string, Buffer>, prefix: string): string =>
  `<R><IsTruncated>false</IsTruncated>${[...objects]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, { length }]) => `<Contents><Key>${key}</Key><Size>${length}</Size></Contents>`)
    .join("")}</R>`;

/** What is wrong with a request's signature (AWS Signature Version 4), computed again from what arrived. */
function faultOf(request: IncomingMessage, body: Buffer): string | undefined {
  const [, accessKey, date = "", region = "", signed = "", signature = ""] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    ) ?? [];
  if (accessKey !== KEYS.accessKey || region !== REGION) return "not signed with the key of this store";
  const payload = String(request.headers["x-amz-content-sha256"]);
  if (payload !== sha256(body)) return "the payload is not what was signed";
  const moment = String(request.headers["x-amz-date"]);
  if (!moment.startsWith(date)) return "the date does not fit";
  const url = new URL(request.url ?? "", "http://store");
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  const headers = signed.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  if (!signed.split(";").includes("host")) return "the host is not signed";
  const canonical = [request.method, url.pathname, query, headers.join(""), signed, payload].join("\n");
  const scope = `${date}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", moment, scope, sha256(Buffer.from(canonical))].join("\n");
  const key = scope.split("/").reduce<Buffer>((above, part) => hmac(above, part), Buffer.from(`AWS4${KEYS.secretKey}`));
  const expected = hmac(key, text);
  return timingSafeEqual(expected, Buffer.from(signature, "hex")) ? undefined : "the signature does not fit";
}

const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
