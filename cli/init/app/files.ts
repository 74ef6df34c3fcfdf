import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "../../../core/words.ts";

/** The files of an app, by their path in its folder. */
export interface AppFiles {
  /** `undefined`: it is missing, or too large to be what it is called. */
  read(path: string): string | undefined;
  /** The names in a folder; empty if that is missing. */
  list(folder: string): readonly string[];
}

/** Something found in an app's files, and where: it is said with it. */
export interface Found<T> {
  readonly value: T;
  /** @example "EXPOSE in Dockerfile" */
  readonly from: string;
}

/** No file that describes an app is larger. */
const LARGEST: Bytes = 2 ** 20;

export const appFilesIn = (folder: string): AppFiles => ({
  read: (path) => {
    const file = join(folder, path);
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= LARGEST ? readFileSync(file, "utf8") : undefined;
  },
  list: (path) => {
    const place = join(folder, path);
    return statSync(place, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(place) : [];
  },
});
