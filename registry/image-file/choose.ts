import { NoImage, NotChosen } from "./faults.ts";

/** An image of a file, as far as it can be chosen. */
interface Candidate {
  /** `docker.io/library/shop:1.4.2`, `shop:1.4.2`, `1.4.2`. */
  readonly names: readonly string[];
  readonly digest: string;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string | undefined } | undefined;
}

/**
 * The image that is meant: by its name, its tag or its digest; without any, the only one. Images without a name that are for different
 * platforms are one image. Pure.
 */
export function choose<C extends Candidate>(candidates: readonly C[], wanted: string | undefined): C[] {
  if (candidates.length === 0) throw new NoImage("it has no image");
  const found = wanted === undefined ? candidates : candidates.filter((one) => isNamed(one, wanted));
  const [first, ...others] = found;
  if (first === undefined) throw new NotChosen(namesOf(candidates), wanted);
  if (others.every(({ digest }) => digest === first.digest)) return [first];
  if (areOnePerPlatform(found)) return [...found];
  throw new NotChosen(namesOf(found), wanted);
}

const isNamed = ({ names, digest }: Candidate, wanted: string): boolean =>
  digest === wanted || names.some((name) => name === wanted || name.endsWith(`:${wanted}`) || name.endsWith(`/${wanted}`));

/** As tools write them that put the images of all platforms side by side. */
function areOnePerPlatform(found: readonly Candidate[]): boolean {
  const platforms = found.map(({ platform }) => platform && [platform.os, platform.architecture, platform.variant].join("/"));
  const hasSameNames = new Set(found.map(({ names }) => names.join(" "))).size === 1;
  return hasSameNames && !platforms.includes(undefined) && new Set(platforms).size === found.length;
}

/** The shortest name of each that has no other. */
const namesOf = (candidates: readonly Candidate[]): string[] =>
  candidates.map(({ names, digest }) => names.map((name) => name.replace(/^docker\.io\/(?:library\/)?/, ""))[0] ?? digest).sort();
