import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A manifest of a repository, with its media type. */
interface Kept {
  readonly type: string;
  readonly text: string;
}

/** What a repository has, as it is written to a file. */
export interface Contents {
  readonly manifests: Readonly<Record<string, Kept>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly blobs: Readonly<Record<string, string>>;
}

export interface MemoryRegistryOptions {
  /** Whether it lists what refers to an image (OCI 1.1). Default: no; clients use a tag instead, as with the registry of Debian. */
  readonly referrers?: boolean;
  /** Who may read. Default: everyone. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Nothing is answered before this is fulfilled. Default: it answers at once. */
  readonly after?: Promise<unknown>;
}

const digestOf = (content: string | Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

class Repository {
  readonly manifests = new Map<string, Kept>();
  readonly tags = new Map<string, string>();
  readonly blobs = new Map<string, Buffer>();
}

/** A registry in this process: enough for cosign to write to, and for us to read from. */
export class MemoryRegistry implements AsyncDisposable {
  /** Requests, as `GET /v2/shop/manifests/1`. */
  readonly asked: string[] = [];
  readonly #repositories = new Map<string, Repository>();
  readonly #options: MemoryRegistryOptions;
  readonly #http: Server;

  private constructor(options: MemoryRegistryOptions) {
    this.#options = options;
    this.#http = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
    const registry = new MemoryRegistry(options);
    await new Promise<void>((resolve) => registry.#http.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  get server(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** Puts a manifest there, under a tag if one is given. Returns its digest. */
  add(repository: string, manifest: object, type: string, tag?: string): string {
    const text = JSON.stringify(manifest);
    const digest = digestOf(text);
    const { manifests, tags } = this.#of(repository);
    manifests.set(digest, { type, text });
    if (tag !== undefined) tags.set(tag, digest);
    return digest;
  }

  tag(repository: string, tag: string, digest: string): void {
    this.#of(repository).tags.set(tag, digest);
  }

  /** Replaces parts of what a repository has. */
  fill(repository: string, { manifests = {}, tags = {}, blobs = {} }: Partial<Contents>): void {
    const own = this.#of(repository);
    for (const [digest, kept] of Object.entries(manifests)) own.manifests.set(digest, kept);
    for (const [tag, digest] of Object.entries(tags)) own.tags.set(tag, digest);
    for (const [digest, text] of Object.entries(blobs)) own.blobs.set(digest, Buffer.from(text));
  }

  contents(repository: string): Contents {
    const { manifests, tags, blobs } = this.#of(repository);
    return {
      manifests: Object.fromEntries(manifests),
      tags: Object.fromEntries(tags),
      blobs: Object.fromEntries([...blobs].map(([digest, blob]) => [digest, blob.toString()])),
    };
  }

  #of(name: string): Repository {
    const known = this.#repositories.get(name) ?? new Repository();
    this.#repositories.set(name, known);
    return known;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    this.asked.push(`${method} ${url}`);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { login, after } = this.#options;
    await after;
    const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    if (basic !== undefined && headers.authorization !== basic)
      return void response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
    const { pathname, searchParams } = new URL(url, "http://x");
    const [, name = "", kind, what = ""] = /^\/v2\/(.+?)\/(manifests|blobs|referrers)\/(.*)$/.exec(pathname) ?? [];
    if (kind === undefined) return void response.writeHead(pathname === "/v2/" ? 200 : 404).end();
    const content = Buffer.concat(parts);
    const own = this.#of(name);
    if (kind === "referrers") return this.#referrers(own, what, response);
    if (kind === "blobs") return this.#blob(own, { name, method, what, content, digest: searchParams.get("digest") }, response);
    if (method === "PUT") {
      const digest = digestOf(content);
      own.manifests.set(digest, { type: headers["content-type"] ?? "", text: content.toString() });
      if (!what.startsWith("sha256:")) own.tags.set(what, digest);
      return void response.writeHead(201, { location: url, "docker-content-digest": digest }).end();
    }
    const digest = own.tags.get(what) ?? what;
    const kept = own.manifests.get(digest);
    if (kept === undefined) return void response.writeHead(404, { "content-type": "application/json" }).end('{"errors":[]}');
    const length = Buffer.byteLength(kept.text);
    response.writeHead(200, { "content-type": kept.type, "docker-content-digest": digest, "content-length": length });
    response.end(method === "HEAD" ? undefined : kept.text);
  }

  #referrers(own: Repository, subject: string, response: ServerResponse): void {
    if (!this.#options.referrers) return void response.writeHead(404).end();
    const manifests = [...own.manifests].flatMap(([digest, { type, text }]) => {
      const manifest = JSON.parse(text);
      if (manifest.subject?.digest !== subject) return [];
      const { artifactType, annotations } = manifest;
      return [{ mediaType: type, digest, size: Buffer.byteLength(text), artifactType, annotations }];
    });
    const type = "application/vnd.oci.image.index.v1+json";
    response.writeHead(200, { "content-type": type }).end(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }));
  }

  #blob(
    own: Repository,
    asked: { name: string; method: string; what: string; content: Buffer; digest: string | null },
    response: ServerResponse,
  ): void {
    const { name, method, what, content, digest } = asked;
    if (method === "POST" || method === "PATCH") {
      const upload = what.replace(/^uploads\//, "") || String(this.asked.length);
      const before = method === "PATCH" ? (own.blobs.get(upload) ?? Buffer.alloc(0)) : Buffer.alloc(0);
      own.blobs.set(upload, Buffer.concat([before, content]));
      return void response.writeHead(202, { location: `/v2/${name}/blobs/uploads/${upload}` }).end();
    }
    if (method === "PUT") {
      const upload = what.replace(/^uploads\//, "");
      const whole = Buffer.concat([own.blobs.get(upload) ?? Buffer.alloc(0), content]);
      own.blobs.delete(upload);
      own.blobs.set(digest ?? digestOf(whole), whole);
      return void response.writeHead(201, { location: `/v2/${name}/blobs/${digest}` }).end();
    }
    const blob = own.blobs.get(what);
    if (blob === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": blob.length });
    response.end(method === "HEAD" ? undefined : blob);
  }
}
