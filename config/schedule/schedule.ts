import { z } from "zod";
import { resolveImage } from "../container/image.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

/** The container that runs backups and jobs on their hosts. */
export interface Schedule {
  /** An image with Node.js 24, `sh`, `tar` and `mkfifo`. */
  readonly image: string;
}

const IMAGE = "node:24-slim";

export const ScheduleSection = section({
  image: field(z.string(), {
    is: "The image that runs backups and jobs, with Node.js 24, sh, tar and mkfifo. Its tag is resolved once, and again when this text changes.",
    default: IMAGE,
    refused: "what is not an image",
    example: "registry.example.com/node:24-slim",
  }),
});

export function resolveSchedule(input: z.infer<typeof ScheduleSection> = {}, place: ConfigPath): Schedule {
  const { image = IMAGE } = input;
  return { image: resolveImage(image, place.at("image")) };
}
