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

/** @example parseReference("ghcr.io/acme/shop:1.4.2").repository // "acme/shop" */
export function parseReference(written: string): Reference {
  const { path, tag, digest } = FORM.exec(written)?.groups ?? {};
  if (path === undefined) throw new TypeError(`"${written}" is not an image reference`);
  const [first = "", ...rest] = path.split("/");
  const namesRegistry = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  const registry = namesRegistry && first !== "index.docker.io" ? first : DOCKER_HUB;
  const repository = namesRegistry ? rest.join("/") : path;
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

/**
 * An image that names no registry is in the registry that the config logs in to, as in Kamal.
 *
 * @example absoluteImage("acme/shop:1.4.2", "ghcr.io") // "ghcr.io/acme/shop:1.4.2"
 */
export function absoluteImage(image: string, server: string | undefined): string {
  if (server === undefined || server === DOCKER_HUB || parseReference(image).registry !== DOCKER_HUB) return image;
  return /^(index\.)?docker\.io\//.test(image) ? image : `${server}/${image}`;
}
