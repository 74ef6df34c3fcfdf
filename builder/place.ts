import { join, resolve } from "node:path";
import type { Builder } from "../core/builder.ts";

/** What a build is made from, all of it absolute. */
export interface Place {
  /** The folder that is sent to the builder. */
  readonly context: string;
  readonly dockerfile: string;
  /** The folder with Pulumi.yaml. */
  readonly project: string;
}

/** Absolute paths of what a builder names. */
export function placeOf({ context, dockerfile }: Pick<Builder, "context" | "dockerfile">, project: string): Place {
  const folder = resolve(project, context);
  const file = dockerfile === undefined ? join(folder, "Dockerfile") : resolve(project, dockerfile);
  return { context: folder, dockerfile: file, project };
}
