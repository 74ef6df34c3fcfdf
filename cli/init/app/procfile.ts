import type { Clues } from "./clues.ts";
import { portInCommand } from "./dockerfile.ts";
import type { AppFiles, Found } from "./files.ts";

const FILE = "Procfile";

/** Its processes: `web` is the image's own command, `release` runs before a release, all others are workers. */
export function procfileClues(files: AppFiles): Clues | undefined {
  const text = files.read(FILE);
  if (text === undefined) return undefined;
  const processes = new Map(
    [...text.matchAll(/^([A-Za-z0-9_-]+):[ \t]*(\S.*?)\s*$/gm)].map(([, name = "", command = ""]) => [name, command]),
  );
  const found = (value: string): Found<string> => ({ value: asCommand(value), from: FILE });
  const port = portInCommand(processes.get("web") ?? "");
  const release = processes.get("release");
  const workers = [...processes].filter(([name]) => name !== "web" && name !== "release");
  return {
    ...(port === undefined ? {} : { port: { value: port, from: FILE } }),
    ...(release === undefined ? {} : { release: found(release) }),
    workers: Object.fromEntries(workers.map(([name, command]) => [name, found(command)])),
  };
}

/** A line of a Procfile is run by a shell; a command of Slipway is not. */
export const asCommand = (line: string): string =>
  /[$&|;<>*?(){}`#~!\n]|^\w+=/.test(line) ? `sh -c '${line.replaceAll("'", `'\\''`)}'` : line;
