import { isReference, isTag } from "./image-reference.ts";

/** An image that the operator's own Docker engine has, as users write it: `engine://shop:dev`, `engine://sha256:…`. */
export interface EngineImage {
  /** How the engine knows it: `shop:dev`, or its id, `sha256:…`. */
  readonly name: string;
  /** The digest under which it was released, as a rollback writes it. Absent: whatever image has the name now. */
  readonly digest?: string;
}

const FORM = /^engine:\/\/(?<name>.+?)(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;
const ID = /^sha256:[0-9a-f]{64}$/;
const NAME = /^(?<repository>.+?)(?::(?<tag>[^:/]*))?$/;

/** Whether an image is meant to come from the operator's engine. One that is called `engine` may come from a registry. */
export const isEngineImage = (image: string): boolean => image.startsWith("engine:/");

/**
 * An image of the operator's engine, or `undefined` if it is written otherwise. Without a tag it is `latest`, as for Docker.
 *
 * @example parseEngineImage("engine://shop:dev") // { name: "shop:dev" }
 */
export function parseEngineImage(image: string): EngineImage | undefined {
  const { name = "", digest } = FORM.exec(image)?.groups ?? {};
  const known = ID.test(name) ? name : taggedName(name);
  if (known === undefined) return undefined;
  return { name: known, ...(digest === undefined ? {} : { digest }) };
}

function taggedName(name: string): string | undefined {
  const { repository = "", tag = "latest" } = NAME.exec(name)?.groups ?? {};
  // Part of an id: Docker would look for the images whose ids begin so.
  if (repository === "sha256") return undefined;
  return isReference(repository) && isTag(tag) ? `${repository}:${tag}` : undefined;
}
