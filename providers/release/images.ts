import type { Host } from "../../hosts/index.ts";
import { parseReference, repositoryName } from "../../registry/index.ts";
import { hostOf, together } from "./crew.ts";
import { places, type ReleaseInputs } from "./inputs.ts";
import type { Plan } from "./plan.ts";
import type { Work } from "./work.ts";

/** Images of releases that were refused, killed or retired, on the hosts that a plan changes. */
export const removeImagesOfNobody = (work: Work, plan: Plan): Promise<unknown> =>
  together([...new Set(plan.operations.map(({ host }) => host))], (name) => {
    work.held(name);
    return removeLeftImages(hostOf(work.crew, name), work.inputs);
  });

/**
 * What we pulled is known by its digest alone: no tag names it. What any container still uses stays, so what is live and what a
 * rollback needs do; and so does what is wanted.
 */
export async function removeLeftImages({ docker }: Host, inputs: ReleaseInputs): Promise<void> {
  const repository = `${repositoryName(parseReference(inputs.image))}@`;
  const wanted = new Set(places(inputs).map(({ image }) => image.slice(image.indexOf("@") + 1)));
  const isLeft = (digest: string) => digest.startsWith(repository) && !wanted.has(digest.slice(repository.length));
  const left = (await docker.images({})).filter(
    ({ tags, digests }) => tags.length === 0 && digests.length > 0 && digests.every(isLeft),
  );
  await Promise.all(left.map(({ id }) => docker.removeImage(id)));
}
