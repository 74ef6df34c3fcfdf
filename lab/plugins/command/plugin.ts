import type { Plugin } from "../kind.ts";
import { localCommand, runLocal } from "./local.ts";
import { remoteCommand } from "./remote.ts";

/** A fake `pulumi-resource-command`: local and remote commands, and `local.run`. */
export const command = (version: string): Plugin => ({
  version,
  kinds: { "command:local:Command": localCommand, "command:remote:Command": remoteCommand },
  configure: () => {},
  invoke: async (token, args) => {
    if (token !== "command:local:run") throw new Error(`the lab's fake plugin does not support ${token}`);
    const environment = (args.environment ?? {}) as Record<string, string>;
    const stdin = typeof args.stdin === "string" ? args.stdin : undefined;
    return { ...args, ...(await runLocal({ command: String(args.command), environment, stdin, onOutput: () => {} }, args)) };
  },
});
