import type { Seconds } from "../../core/words.ts";

/**
 * A command that runs beside a server in its container, with its input open, and ends the server when this process is gone: then Docker
 * closes that input. Where only the line is cut and nothing says so, the time limit does it.
 */
export const guardFor = (limit: Seconds): string[] => ["sh", "-c", GUARD, "slipway-guard", String(Math.round(limit))];

/** A server ends by one of these signals; without a handler the first process of a container ignores them. */
const GUARD = `end() { kill -TERM 1; sleep 5; kill -INT 1; sleep 5; kill -QUIT 1; }
( sleep "$1"; end ) </dev/null >/dev/null 2>&1 &
cat >/dev/null
end`;
