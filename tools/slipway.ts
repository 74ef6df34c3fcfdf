/** `npm run slipway -- status`: Slipway's own commands on this project, with a Pulumi for those that ask it, whether or not this machine has one. */
import { spawn } from "node:child_process";
import { constants as os } from "node:os";
import { join } from "node:path";
import { messageOf, SlipwayError } from "../core/error.ts";
import { backendFor } from "./pulumi/backend.ts";
import { withPulumi } from "./pulumi/environment.ts";
import { ensurePulumi } from "./pulumi/index.ts";

const root = join(import.meta.dirname, "..");

async function main(args: string[]): Promise<number> {
  const env = { ...withPulumi(await ensurePulumi(), root), ...(await backendFor(root)) };
  const slipway = spawn(process.execPath, [join(root, "cli", "main.ts"), ...args], { cwd: root, env, stdio: "inherit" });
  // Ctrl-C reaches it from the terminal; this process only has to outlast it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => slipway.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    slipway.once("error", reject);
    slipway.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : os.signals[signal])));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (failure) {
  if (!(failure instanceof SlipwayError)) throw failure;
  console.error(`error: ${messageOf(failure)}`);
  process.exitCode = 1;
}
