import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import type { Project } from "../../project/project.ts";
import { backendFolder } from "./backend-folder.ts";
import { type Checkpoint, parseStored } from "./checkpoint.ts";

/**
 * A stack in a backend that is a folder, read without a process of Pulumi, which takes 0.2 s to start. Only what is certain is read:
 * stacks by project (`meta.yaml` of version 1), in files that are not compressed, with a checkpoint of version 3 and no further features.
 * Anything else is left to Pulumi. That layout is unchanged since 2023, and Pulumi replaces these files atomically.
 */
export class StoredStack {
  /** Its name without a project. */
  readonly #name: string;
  readonly #checkpoint: string;
  readonly #history: string;

  private constructor(folder: string, project: string, name: string) {
    this.#name = name;
    this.#checkpoint = join(folder, ".pulumi", "stacks", project, `${name}.json`);
    this.#history = join(folder, ".pulumi", "history", project, name);
  }

  /** @param stack as it is given on the command line; `undefined` if it is not stored so */
  static async find({ root, name: project }: Project, stack: string): Promise<StoredStack | undefined> {
    const name = nameIn(stack, project);
    const folder = name === undefined ? undefined : await backendFolder(root);
    if (name === undefined || folder === undefined) return undefined;
    const meta = await readFile(join(folder, ".pulumi", "meta.yaml"), "utf8").catch(() => "");
    if (meta.trim() !== "version: 1") return undefined;
    const stored = new StoredStack(folder, project, name);
    const isPlain = existsSync(stored.#checkpoint) && [".gz", ".zst"].every((ending) => !existsSync(stored.#checkpoint + ending));
    return isPlain ? stored : undefined;
  }

  /** Its state; `undefined` if only Pulumi can read it. */
  async state(): Promise<Checkpoint | undefined> {
    return parseStored(await readFile(this.#checkpoint, "utf8").catch(() => ""));
  }

  /** Its updates, newest first, by pages that count from 1; `undefined` if only Pulumi can read them. */
  async updates(page: number, size: number): Promise<StoredUpdate[] | undefined> {
    const all = (await readdir(this.#history).catch((): string[] => [])).filter((name) =>
      /\.history\.json(?:\.gz|\.zst)?$/.test(name),
    );
    const names = all.sort().reverse();
    if (!names.every((name) => name.startsWith(`${this.#name}-`) && name.endsWith(".json"))) return undefined;
    const read = names.slice((page - 1) * size, page * size).map((name) => readFile(join(this.#history, name), "utf8"));
    const parsed = z.array(StoredUpdate).safeParse((await Promise.all(read)).map(parseJson));
    return parsed.data;
  }
}

/** Who began an update, as far as Pulumi has kept it. */
export const WHO = {
  /** Of `pulumi up --message`, else the subject of the commit. */
  message: z.string().optional(),
  /** Facts on the CI job, git and the command: `ci.system`, `git.author`. */
  environment: z.record(z.string(), z.string()).nullish(),
};

/** Seconds since the epoch. */
const Moment = z.number().transform((seconds) => new Date(seconds * 1000));

const StoredUpdate = z.object({
  kind: z.string(),
  result: z.string(),
  startTime: Moment,
  endTime: Moment,
  /** As in the stack's file: secrets are `{ secure: … }`. */
  config: z.record(z.string(), z.unknown()).nullish(),
  ...WHO,
});
export type StoredUpdate = z.infer<typeof StoredUpdate>;

/** `production` of `production`, `organization/production` and `organization/shop/production`; nothing for a stack of another project. */
function nameIn(stack: string, project: string): string | undefined {
  const parts = stack.split("/");
  const name = parts.at(-1) ?? "";
  const isOwn = ["organization", project].slice(0, parts.length - 1).join("/") === parts.slice(0, -1).join("/");
  // What Pulumi allows in names, which are names of files as well.
  return isOwn && [name, project].every((word) => /^[\w][\w.-]*$/.test(word)) ? name : undefined;
}
