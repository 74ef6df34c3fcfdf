/** An image as users write it: `shop`, `ghcr.io/acme/shop:1.4.2`, `registry:5000/shop@sha256:…`. */
export interface Reference {
  /** Default: `docker.io`. */
  readonly registry: string;
  /** `library/postgres` for `postgres` on Docker Hub. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export const DOCKER_HUB = "docker.io";
const FORM = /^(?<path>[^@\s]+?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** The grammar of https://pkg.go.dev/github.com/distribution/reference, which Docker and registries have in common. */
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const REGISTRY = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::\d+)?$/i;
const LONGEST_NAME = 255;

/** Whether a text is a tag. @example isTag("1.4.2") // true */
export const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text);

/** Whether a text is `host` or `host:port`, with an IPv6 address in brackets. */
export const isRegistry = (text: string): boolean =>
  REGISTRY.test(text) && (!text.startsWith("[") || URL.canParse(`http://${text}`));

/** Whether a text is the name of an image, without tag and digest. @example isReference("ghcr.io/acme/shop") // true */
export function isReference(text: string): boolean {
  const [first = "", ...rest] = text.split("/");
  // 64 hex digits are the id of an image.
  if (text.length > LONGEST_NAME || /^[0-9a-f]{64}$/.test(text)) return false;
  const hasRegistry = rest.length > 0 && namesRegistry(first);
  return hasRegistry
    ? isRegistry(first) && rest.every((name) => NAME.test(name))
    : [first, ...rest].every((name) => NAME.test(name));
}

/** Whether the first part of a path is a registry, as Docker decides it. */
const namesRegistry = (first: string): boolean => first.includes(".") || first.includes(":") || first === "localhost";

/** @example parseReference("ghcr.io/acme/shop:1.4.2").repository // "acme/shop" */
export function parseReference(written: string): Reference {
  const { path, tag, digest } = FORM.exec(written)?.groups ?? {};
  if (path === undefined) throw new TypeError(`"${written}" is not an image reference`);
  const [first = "", ...rest] = path.split("/");
  const hasRegistry = rest.length > 0 && namesRegistry(first);
  const registry = hasRegistry && first !== "index.docker.io" ? first : DOCKER_HUB;
  const repository = hasRegistry ? rest.join("/") : path;
  const official = registry === DOCKER_HUB && !repository.includes("/");
  return { registry, repository: official ? `library/${repository}` : repository, tag, digest };
}

/** The name of the repository in Docker, without tag and digest. */
export function repositoryName({ registry, repository }: Reference): string {
  if (registry !== DOCKER_HUB) return `${registry}/${repository}`;
  return repository.replace(/^library\//, "");
}

/** The reference to exactly one image, even if its tag moves. */
export const pinned = (reference: Reference, digest: string): string => `${repositoryName(reference)}@${digest}`;

/** Whether an image is written by digest, wherever it comes from. @example isByDigest("shop@sha256:9f31…") // true */
export const isByDigest = (image: string): boolean => BY_DIGEST.test(image);

/** An image without its digest, if it has one. @example withoutDigest("shop:1.4.2@sha256:9f31…") // "shop:1.4.2" */
export const withoutDigest = (image: string): string => image.replace(BY_DIGEST, "");

const BY_DIGEST = /@sha256:[0-9a-f]{64}$/;

/** The digest of an image by digest. @example digestIn("shop@sha256:9f31…") // "sha256:9f31…" */
export const digestIn = (image: string): string => image.slice(image.lastIndexOf("@") + 1);

/**
 * An image that names no registry is in the registry that the config logs in to, as in Kamal.
 *
 * @example absoluteImage("acme/shop:1.4.2", "ghcr.io") // "ghcr.io/acme/shop:1.4.2"
 */
export function absoluteImage(image: string, server: string | undefined): string {
  if (server === undefined || server === DOCKER_HUB || parseReference(image).registry !== DOCKER_HUB) return image;
  return /^(index\.)?docker\.io\//.test(image) ? image : `${server}/${image}`;
}

/**
 * The login for an image: that of another registry is not sent.
 *
 * @example loginFor("ghcr.io/acme/shop", { server: "ghcr.io", username: "shop", password }) // the login
 */
export function loginFor<Login extends { readonly server: string }>(image: string, login: Login | undefined): Login | undefined {
  const server = login?.server.replace(/^(?:|(?:https?:\/\/)?(?:(?:index|registry-1)\.)?docker\.io(?:\/v1)?\/?)$/, DOCKER_HUB);
  return parseReference(image).registry === server ? login : undefined;
}
