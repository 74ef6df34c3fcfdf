import { nameFrom } from "../../../project/new/files.ts";
import type { Clues, WantedDatabase } from "./clues.ts";
import { composeClues } from "./compose.ts";
import { type DockerfileFacts, readDockerfile } from "./dockerfile.ts";
import type { AppFiles, Found } from "./files.ts";
import { goClues } from "./go.ts";
import { nodeClues } from "./node.ts";
import { procfileClues } from "./procfile.ts";
import { pythonClues } from "./python.ts";
import { rubyClues } from "./ruby.ts";

export type Language = "node" | "python" | "ruby" | "go" | "static";

/** What the files of an app say of how it has to be deployed. */
export interface App {
  /** `undefined`: none that is known here. */
  readonly language: Language | undefined;
  readonly name: string;
  readonly dockerfile: DockerfileFacts | undefined;
  /** The port that it listens on; certain if its Dockerfile or compose.yaml says so. */
  readonly port: (Found<number> & { readonly isCertain: boolean }) | undefined;
  /** `undefined`: only its front page is known. */
  readonly health: Found<string> | undefined;
  readonly release: Found<string> | undefined;
  readonly workers: Readonly<Record<string, Found<string>>>;
  /** Each kind once. */
  readonly databases: readonly WantedDatabase[];
}

const LANGUAGES: readonly (readonly [language: Language, clues: (files: AppFiles) => Clues | undefined])[] = [
  // A Rails app may have a package.json, and a Django app as well.
  ["ruby", rubyClues],
  ["python", pythonClues],
  ["go", goClues],
  ["node", nodeClues],
];

/** The files that make a folder that of an app. */
const OF_AN_APP = [
  "Dockerfile",
  "package.json",
  "Gemfile",
  "requirements.txt",
  "pyproject.toml",
  "go.mod",
  "compose.yaml",
  "Procfile",
  "index.html",
  "config/deploy.yml",
];

export const hasApp = (files: AppFiles): boolean => OF_AN_APP.some((file) => files.read(file) !== undefined);

/** @param fallback the name of the app's folder */
export function readApp(files: AppFiles, fallback: string): App {
  const text = files.read("Dockerfile");
  const dockerfile = text === undefined ? undefined : readDockerfile(text);
  const found = LANGUAGES.flatMap(([language, cluesOf]) => {
    const clues = cluesOf(files);
    return clues === undefined ? [] : [{ language, clues }];
  });
  const language = found[0]?.language ?? (files.read("index.html") === undefined ? undefined : "static");
  const [tools, own] = [[composeClues(files), procfileClues(files)], found.map(({ clues }) => clues)];
  const all = [...tools, ...own].filter((clues) => clues !== undefined);
  const first = <K extends keyof Clues>(key: K): Clues[K] | undefined => all.find((clues) => clues[key] !== undefined)?.[key];
  const databases = all.flatMap((clues) => clues.databases ?? []);
  return {
    language,
    name: nameFrom(first("name") ?? fallback),
    dockerfile,
    port: portOf(dockerfile, tools[0], all, language),
    health: dockerfile?.health ?? first("health"),
    release: first("release"),
    workers: Object.assign({}, ...all.map((clues) => clues.workers ?? {}).reverse()),
    databases: databases.filter(({ value }, at) => databases.findIndex((one) => one.value === value) === at),
  };
}

function portOf(
  dockerfile: DockerfileFacts | undefined,
  compose: Clues | undefined,
  all: readonly Clues[],
  language: Language | undefined,
): App["port"] {
  const certain = dockerfile?.port ?? compose?.port;
  if (certain !== undefined) return { ...certain, isCertain: true };
  const guessed = all.find(({ port }) => port !== undefined)?.port;
  if (guessed !== undefined) return { ...guessed, isCertain: false };
  return language === "static" ? { value: 80, from: "index.html", isCertain: false } : undefined;
}
