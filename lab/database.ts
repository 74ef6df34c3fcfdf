import { readFile } from "node:fs/promises";
import type { Entry } from "./bundle.ts";

/** One version of a database server's image. Any difference gives it a different digest. */
export interface DatabaseImage<Major extends string> {
  /** @example "17.1" */
  readonly tag: string;
  /** The version of the server inside. Default: the newest that the lab has. */
  readonly major?: Major;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** `"broken"`: the server prints an error and exits at boot, whatever command it is given. */
  readonly state?: "whole" | "broken";
}

/** The user that the server runs as, in every official image. */
export const USER = 999;

export const ENTRYPOINTS = { whole: "docker-entrypoint.sh", broken: "broken.sh" } as const;

/**
 * Both entrypoints of a server, from its folder here.
 *
 * @param edit changes their text
 * @example await entrypoints("postgres")
 */
export async function entrypoints(folder: string, edit = (script: string): string => script): Promise<readonly Entry[]> {
  const script = async (name: string) => edit(await readFile(new URL(`${folder}/${name}`, import.meta.url), "utf8"));
  return [
    { name: "usr/local/bin/docker-entrypoint.sh", mode: 0o755, content: await script("entrypoint.sh") },
    { name: "usr/local/bin/broken.sh", mode: 0o755, content: await script("broken.sh") },
  ];
}
