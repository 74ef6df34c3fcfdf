import type { Builder } from "../../core/builder.ts";
import { repositoryName } from "../../core/image-reference.ts";
import { isInNoRegistry, isPinned } from "../../core/local-image.ts";
import { storedReference } from "../../core/stored-image.ts";
import { repositoryOf, resolveAppImage } from "../container/image.ts";
import type { Secrets } from "../env/secret.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { type BuilderInput, type BuilderPlace, refuseForPulumi, refuseUnbuildable, resolveBuilder } from "./builder.ts";

/** Where an image comes from. */
export interface ImageSource {
  /**
   * With the name of its registry: `ghcr.io/acme/shop:1.4.2`; or on the operator's machine: `file://dist/shop.tar`, `engine://shop:dev`; or
   * what no registry has, since it is built: `slipway.invalid/shop`.
   */
  readonly image: string;
  /** How the image is built; undefined: it is not. */
  readonly builder: Builder | undefined;
}

interface Written {
  readonly image?: string | undefined;
  readonly builder?: BuilderInput | undefined;
}

/**
 * The image of the app.
 *
 * @param secrets those of the config; `undefined`: they are refused already
 */
export function resolveSource(written: Written, service: string, secrets: Secrets | undefined, place: ConfigPath): ImageSource {
  const unnamed = repositoryName(storedReference(service));
  return sourceOf(written, { unnamed, secrets, place, ofBuilder: place.at("builder") });
}

/** What a role's or a job's image has from the app's. */
export interface AppSource {
  readonly service: string;
  readonly image: string;
  readonly builder: BuilderInput | undefined;
  /** undefined: they are refused already */
  readonly secrets: Secrets | undefined;
}

/**
 * An image beside the app's, or undefined if none is written. A builder has its keys over those of the app's; without a name, what it builds
 * is called like the app's image, with the name of what runs it.
 *
 * @param name of the role or the job
 */
export function resolveOwnSource(written: Written, name: string, app: AppSource, place: ConfigPath): ImageSource | undefined {
  if (written.image === undefined && written.builder === undefined) return undefined;
  const { service, secrets } = app;
  const { builder: own } = written;
  const ofBuilder: BuilderPlace = {
    at: (key, ...rest) => (own !== undefined && key in own ? place.at("builder") : place.elsewhere("builder")).at(key, ...rest),
  };
  const builder = own && { ...app.builder, ...own };
  return sourceOf({ ...written, builder }, { unnamed: besides(app.image, service, name), secrets, place, ofBuilder });
}

function besides(image: string, service: string, name: string): string {
  const { repository } = storedReference(name);
  return image === "" || isInNoRegistry(image)
    ? repositoryName(storedReference(`${service}-${repository}`))
    : `${repositoryOf(image)}-${repository}`;
}

interface Around {
  /** What an image is called that is built without a name. */
  readonly unnamed: string;
  readonly secrets: Secrets | undefined;
  readonly place: ConfigPath;
  readonly ofBuilder: BuilderPlace;
}

function sourceOf({ image: named, builder: input }: Written, { unnamed, secrets, place, ofBuilder }: Around): ImageSource {
  const written = named === undefined ? undefined : resolveAppImage(named, place.at("image"));
  if (input === undefined || (written !== undefined && isPinned(written))) return { image: written ?? "", builder: undefined };
  if (written !== undefined) refuseUnbuildable(written, place.at("image"));
  const builder = resolveBuilder(input, secrets, ofBuilder);
  const image = written ?? unnamed;
  refuseForPulumi(builder, image, ofBuilder);
  return { image, builder };
}
