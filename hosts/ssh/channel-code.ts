import { constants } from "node:os";
import type { ClientChannel } from "ssh2";

/** The exit code of a channel's command, once both outputs have ended; a signal counts as shells count it. */
export function codeOf(channel: ClientChannel): Promise<number> {
  let code: number | undefined;
  channel.on("exit", (status: number | null, signal?: string) => {
    code = status ?? 128 + (constants.signals[signal as keyof typeof constants.signals] ?? 0);
  });
  return new Promise((resolve, reject) => {
    channel.on("error", reject);
    channel.on("close", () => {
      if (code === undefined) reject(new Error("the command ended without an exit code"));
      else resolve(code);
    });
  });
}
