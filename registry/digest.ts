import { Deadline } from "../core/deadline.ts";
import { parseReference, type Reference } from "../core/image-reference.ts";
import type { Registry } from "../core/registry.ts";
import type { Seconds } from "../core/words.ts";
import { failed, missing, unusable } from "./faults.ts";
import { bytesOf, Repository } from "./repository.ts";
import { digestOf } from "./store/oci.ts";

/** For one digest, including all retries. */
const TIMEOUT: Seconds = 15;
const DEFAULT_TAG = "latest";

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
  const { answer, repository } = await openManifest(image, "HEAD", credentials, deadline);
  const digest =
    answer.headers.get("docker-content-digest") ?? (await hashOf(await repository.ask(manifestOf(reference)), image));
  if (!DIGEST.test(digest)) throw unusable(image, "the registry answered with an invalid digest");
  return digest;
}

/** The manifest of an image, from a registry that has granted access. */
export interface OpenedManifest {
  readonly answer: Response;
  readonly repository: Repository;
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
  const repository = new Repository(image, login, deadline);
  const { reference } = repository;
  const answer = await repository.ask(manifestOf(reference), method);
  if (answer.status === 404) throw missing(image, reference);
  if (!answer.ok) throw failed(image, answer);
  return { answer, repository };
}

const manifestOf = ({ digest, tag }: Reference): string => `manifests/${digest ?? tag ?? DEFAULT_TAG}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

async function hashOf(answer: Response, image: string): Promise<string> {
  if (!answer.ok) throw failed(image, answer);
  return digestOf(await bytesOf(answer, image));
}
