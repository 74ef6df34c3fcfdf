import type { Place } from "../source/place.ts";
import type { Surroundings } from "../source/surroundings.ts";

/** A program of the user that Kamal runs at a moment of a deploy. */
export interface Hook {
  readonly name: HookName;
  readonly at: Place;
  /** The line in which it calls Kamal itself. */
  readonly callsKamal: number | undefined;
}

/** In the order in which Kamal runs them. */
const HOOKS = [
  "docker-setup",
  "pre-connect",
  "pre-build",
  "pre-deploy",
  "pre-app-boot",
  "post-app-boot",
  "post-deploy",
  "pre-proxy-reboot",
  "post-proxy-reboot",
] as const;
export type HookName = (typeof HOOKS)[number];

export function findHooks(folder: string, { readFile }: Surroundings): Hook[] {
  return HOOKS.flatMap((name) => {
    const file = `${folder}/${name}`;
    const text = readFile(file);
    if (text === undefined) return [];
    const calls = text
      .split("\n")
      .findIndex((line) => /^\s*[^#\s].*\bkamal\s|^\s*kamal\s/.test(line) && !line.trim().startsWith("#"));
    return [{ name, at: { file, line: 1 }, callsKamal: calls < 0 ? undefined : calls + 1 }];
  });
}
