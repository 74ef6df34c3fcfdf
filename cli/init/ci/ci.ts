import { githubFiles } from "./github.ts";
import { gitlabFiles } from "./gitlab.ts";
import type { Pipeline } from "./pipeline.ts";
import { semaphoreFiles } from "./semaphore.ts";

export const CIS = ["github", "gitlab", "semaphore", "none"] as const;
export type Ci = (typeof CIS)[number];

const WRITERS: Readonly<Record<Ci, (pipeline: Pipeline) => ReadonlyMap<string, string>>> = {
  github: githubFiles,
  gitlab: gitlabFiles,
  semaphore: semaphoreFiles,
  none: () => new Map(),
};

/** File of the repository → content: the plan of a pull request as a comment, a deploy of each push, a daily look for drift, a rollback by hand. */
export const ciFiles = (ci: Ci, pipeline: Pipeline): ReadonlyMap<string, string> => WRITERS[ci](pipeline);
