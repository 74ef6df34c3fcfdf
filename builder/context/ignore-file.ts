import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import dockerignore from "@balena/dockerignore";

/** Which paths of a context are left out of it. */
export interface Ignored {
  /** @param path from the context's folder, with `/` */
  readonly ignores: (path: string) => boolean;
  /** Whether nothing below an ignored folder can be taken back, so that it need not be read. */
  readonly prunes: boolean;
}

/** Of a folder; `.dockerignore` beside a Dockerfile of another name has precedence, as in BuildKit. */
export function ignoredIn(context: string, dockerfile: string): Ignored {
  const file = [`${dockerfile}.dockerignore`, join(context, ".dockerignore")].find((path) => existsSync(path));
  return ignoredBy(file === undefined ? "" : readFileSync(file, "utf8"));
}

/** @example ignoredBy("node_modules\n").ignores("node_modules/zod/index.js") // true */
export function ignoredBy(text: string): Ignored {
  const patterns = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim().replace(SIGNS, "\\$&"))
    .filter((line) => line !== "");
  // Docker compares names as they are written; the package does so only if it is asked to.
  const rules = dockerignore.default({ ignorecase: false }).add(patterns);
  return { ignores: (path) => rules.ignores(path), prunes: !patterns.some((pattern) => pattern.startsWith("!")) };
}

/** Signs of regular expressions that are plain letters in patterns; the package would take them for the former. */
const SIGNS = /[(){}+|]/g;
