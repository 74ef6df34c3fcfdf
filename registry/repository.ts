import { z } from "zod";
import type { Deadline } from "../core/deadline.ts";
import { loginFor, parseReference, type Reference } from "../core/image-reference.ts";
import { readAtMost } from "../core/read-at-most.ts";
import type { Registry } from "../core/registry.ts";
import { parseJson } from "../core/text.ts";
import type { Bytes } from "../core/words.ts";
import { failed, refused, unreachable, unusable } from "./faults.ts";
import { registryUrl } from "./registry-url.ts";
import { request } from "./request.ts";

/** Every kind of manifest that an image can have. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const Token = z.object({ token: z.string().min(1) }).or(z.object({ access_token: z.string().min(1) }));

/**
 * The repository of an image in its registry. The login is sent once the registry asks for one, and only there; a token that the registry
 * does not accept any more is replaced once, a refused login is refused at once.
 */
export class Repository {
  readonly reference: Reference;
  readonly #image: string;
  readonly #url: string;
  readonly #login: Registry | undefined;
  readonly #deadline: Deadline;
  #authorization: Promise<string> | undefined;

  /** @param login of any registry: that of another one is not sent */
  constructor(image: string, login: Registry | undefined, deadline: Deadline) {
    this.reference = parseReference(image);
    this.#image = image;
    this.#url = registryUrl(this.reference.registry);
    this.#login = loginFor(image, login);
    this.#deadline = deadline;
  }

  /**
   * Requests a path of the repository. What the registry says is the caller's to judge, but for a refused login, which rejects with a
   * `SlipwayError`.
   *
   * @example repository.ask("manifests/1.4.2", "HEAD")
   */
  async ask(path: string, method: "HEAD" | "GET" = "GET"): Promise<Response> {
    const before = this.#authorization;
    const open = await this.#request(path, method, await before);
    if (open.status !== 401) return this.#permitted(open);
    await open.body?.cancel();
    // Another request may have got a token meanwhile.
    if (this.#authorization === before) this.#authorization = this.#authorize(open);
    return this.#permitted(await this.#request(path, method, await this.#authorization));
  }

  #permitted(answer: Response): Response {
    if (answer.status === 401 || answer.status === 403) throw refused(this.reference, answer.status, this.#login);
    return answer;
  }

  #request(path: string, method: "HEAD" | "GET", authorization: string | undefined): Promise<Response> {
    const headers = { accept: MANIFESTS, ...(authorization && { authorization }) };
    const url = `${this.#url}/v2/${this.reference.repository}/${path}`;
    return request(this.reference, url, { method, headers }, this.#deadline);
  }

  /** What the registry asks for: the login, or a token: https://distribution.github.io/distribution/spec/auth/token/ */
  async #authorize(challenged: Response): Promise<string> {
    const login = this.#login;
    const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    const challenge = challenged.headers.get("www-authenticate") ?? "";
    if (!/^bearer /i.test(challenge)) {
      if (basic === undefined) throw refused(this.reference, 401, login);
      return basic;
    }
    const url = tokenEndpoint(challenge, this.#url);
    if (typeof url === "string") throw unusable(this.#image, url);
    url.searchParams.set("scope", `repository:${this.reference.repository}:pull`);
    const headers = basic === undefined ? {} : { authorization: basic };
    const answer = await request(this.reference, url.href, { headers }, this.#deadline);
    const giver = `${url.origin}, where the registry asks for a login,`;
    if (answer.status === 401 || answer.status === 403) throw refused(this.reference, answer.status, login);
    if (!answer.ok) throw failed(this.#image, answer, giver);
    const token = Token.safeParse(parseJson(await body(answer, this.#image)));
    if (!token.success) throw unusable(this.#image, `${giver} returned no token`);
    return `Bearer ${"token" in token.data ? token.data.token : token.data.access_token}`;
  }
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

/** The largest manifest that registries accept has 4 MiB. */
const MOST: Bytes = 16 * 1024 * 1024;

/** The content of an answer. The deadline of the request also covers it. */
export async function bytesOf(answer: Response, image: string): Promise<Buffer> {
  try {
    return answer.body === null ? Buffer.alloc(0) : await readAtMost(answer.body, MOST);
  } catch (thrown) {
    throw unreachable(parseReference(image), thrown);
  }
}

/** The same as text. */
export const body = async (answer: Response, image: string): Promise<string> => (await bytesOf(answer, image)).toString("utf8");
