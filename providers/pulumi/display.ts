import { closeSync, openSync } from "node:fs";
import type { Display } from "./pace.ts";

/** Set by Slipway's own commands, which see where the output goes. */
export const DISPLAY_VARIABLE = "SLIPWAY_DISPLAY";

/**
 * Where Pulumi shows what this process reports. Pulumi does not say: as itself, this looks for a CI system and a terminal. The engine runs in the
 * session of its terminal, its standard output is not ours.
 */
export function displayHere(env: NodeJS.ProcessEnv = process.env, hasTerminal: () => boolean = opensTerminal): Display {
  const said = env[DISPLAY_VARIABLE];
  if (said === "terminal" || said === "log") return said;
  return env.CI || !hasTerminal() ? "log" : "terminal";
}

function opensTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
