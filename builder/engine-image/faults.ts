import type { EngineImage } from "../../core/engine-image.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { linesOf } from "../../core/text.ts";
import { DOCKER, missing } from "../missing-tool.ts";
import { similarNames } from "./similar.ts";

/** What a person learns of an image that cannot be taken from the engine. All of it is found before a host is contacted. */

/** How an image is called in errors. @example "shop:dev in the Docker of this machine" */
export const placeOf = ({ name }: EngineImage): string => `${name} in the Docker of this machine`;

/** For an image that is not complete, or cannot be read. */
export const AGAIN = "build or pull that image again (docker build --pull --no-cache), then run the command again";

export const noDocker = (system: NodeJS.Platform = process.platform): SlipwayError =>
  missing("docker is missing on this machine, and the image is to come from its engine", DOCKER, system);

export const noEngine = (answer: string, env: NodeJS.ProcessEnv): SlipwayError =>
  new SlipwayError({
    code: "TOOL_MISSING",
    what: "the Docker of this machine, which has the image, does not answer",
    evidence: [...linesOf(answer), ...whereOf(env)],
    servesNow: NOTHING_TOUCHED,
    next: "start Docker, or let this user use it (docker info shows what is wrong), then run the command again",
  });

/** @param names those of all images that the engine has */
export function noImage(image: EngineImage, names: readonly string[], env: NodeJS.ProcessEnv): SlipwayError {
  const isId = image.name.startsWith("sha256:");
  const similar = similarNames(image.name, names);
  const near = similar.length > 0 ? `it has ${similar.join(", ")}` : "it has none of a similar name";
  return new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: `the Docker of this machine has no image ${image.name}`,
    evidence: [...(isId ? [] : [near]), ...whereOf(env)],
    servesNow: NOTHING_TOUCHED,
    next: isId
      ? "build it, or correct slipway:image (docker image ls --no-trunc shows the ids)"
      : `build it (docker build -t ${image.name} .), or correct slipway:image`,
  });
}

export const notInspected = (image: EngineImage, answer: string): SlipwayError => unusable(image, "docker image inspect", answer);

export const notSaved = (image: EngineImage, answer: string): SlipwayError => unusable(image, "docker save", answer);

const unusable = (image: EngineImage, command: string, answer: string): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_UNREADABLE",
    what: `${placeOf(image)} cannot be read: ${command} failed`,
    evidence: linesOf(answer),
    servesNow: NOTHING_TOUCHED,
    next: AGAIN,
  });

/** Which engine was asked, where that is not the usual one. */
const whereOf = (env: NodeJS.ProcessEnv): string[] =>
  ["DOCKER_HOST", "DOCKER_CONTEXT"].flatMap((name) => ((env[name] ?? "") === "" ? [] : [`${name} is ${env[name]}`]));
