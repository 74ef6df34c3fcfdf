import type { PresetName } from "../../../core/accessory/preset.ts";
import type { AppFiles, Found } from "./files.ts";

/** A database that an app uses. */
export interface WantedDatabase extends Found<PresetName> {
  /** The image that it is developed with. */
  readonly image?: string;
}

/** What the files of one language or tool say of an app. Each part may be missing. */
export interface Clues {
  readonly name?: string;
  /** The port that it listens on, if nothing sets a different one. */
  readonly port?: Found<number>;
  /** A path that it answers with 200 while it is healthy. */
  readonly health?: Found<string>;
  /** What has to run before a release starts. */
  readonly release?: Found<string>;
  /** Commands beside the web server, by name. */
  readonly workers?: Readonly<Record<string, Found<string>>>;
  readonly databases?: readonly WantedDatabase[];
}

/** The paths under which apps say that they are healthy, the most specific first. */
const HEALTH = /["'`]\/?((?:api\/)?(?:up|healthz|health|livez|readyz|health_check|healthcheck|ping))\/?["'`]/;
/** `listen(3000`, `PORT || 3000`, `PORT", "8080"`, `":8080"` */
const LISTENS = [
  /\bPORT\b["'`\])]*\s*(?:\|\||\?\?|,|:-)\s*["'`]?:?(\d{2,5})\b/,
  /\blisten\(\s*["'`]?(\d{2,5})\b/i,
  /ListenAndServe\(\s*"[^":]*:(\d{2,5})"/,
  /\bport\s*[:=]+\s*["'`]?:?(\d{2,5})\b/i,
];

/** What the source of a server says of itself. */
export function cluesInSource(files: AppFiles, paths: readonly string[]): Pick<Clues, "port" | "health"> {
  const sources = [...new Set(paths)].flatMap((path) => {
    const text = files.read(path);
    return text === undefined ? [] : [{ path, text }];
  });
  const first = <T>(find: (text: string) => T | undefined): Found<T> | undefined => {
    for (const { path, text } of sources) {
      const value = find(text);
      if (value !== undefined) return { value, from: path };
    }
    return undefined;
  };
  const port = first((text) => {
    const found = LISTENS.map((pattern) => pattern.exec(text)?.[1]).find((one) => one !== undefined);
    return found === undefined ? undefined : Number(found);
  });
  const health = first((text) => {
    const path = HEALTH.exec(text)?.[1];
    return path === undefined ? undefined : `/${path}`;
  });
  return { ...(port === undefined ? {} : { port }), ...(health === undefined ? {} : { health }) };
}

/** The databases that packages are clients of. @param packages of the app, with the file that lists them */
export const databasesOf = (
  packages: readonly string[],
  clients: Readonly<Record<string, PresetName>>,
  file: string,
): WantedDatabase[] => {
  const found = packages.flatMap((name) => {
    const value = Object.hasOwn(clients, name) ? clients[name] : undefined;
    return value === undefined ? [] : [{ value, from: `${name} in ${file}` }];
  });
  return found.filter(({ value }, at) => found.findIndex((one) => one.value === value) === at);
};
