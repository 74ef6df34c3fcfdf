import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { type CommandResult, run } from "../ssh/run.ts";
import { LEASE_FOLDER } from "./script.ts";
import { STATE_FOLDER } from "./state-folder.ts";

const TIMEOUT: Seconds = 15;

/** Runs a script about the folders of leases and of state: its $1 is its own text, $2 and $3 are these folders, and `args` follow. */
export const runScript = (connection: Connection, text: string, args: readonly string[]): Promise<CommandResult> =>
  run(connection, ["sh", "-c", 'eval "$1"', "slipway-state", text, LEASE_FOLDER, STATE_FOLDER, ...args], {
    deadline: Deadline.in(TIMEOUT),
    keep: "end",
  });
