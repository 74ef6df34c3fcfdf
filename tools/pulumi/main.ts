/** `npm run pulumi -- preview --stack example`: Pulumi on this project, whether or not this machine has it. */
import { spawn } from "node:child_process";
import { constants as os } from "node:os";
import { join } from "node:path";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { backendFor } from "./backend.ts";
import { forCommand, withPulumi } from "./environment.ts";
import { ensurePulumi } from "./index.ts";

const root = join(import.meta.dirname, "..", "..");

async function main(args: string[]): Promise<number> {
  const env = { ...withPulumi(await ensurePulumi(), root), ...forCommand(args), ...(await backendFor(root)) };
  const pulumi = spawn("pulumi", args, { cwd: root, env, stdio: "inherit" });
  // Ctrl-C reaches Pulumi from the terminal, which then finishes the running step: this process only has to outlast it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => pulumi.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    pulumi.once("error", reject);
    pulumi.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : os.signals[signal])));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (failure) {
  if (!(failure instanceof SlipwayError)) throw failure;
  console.error(`error: ${messageOf(failure)}`);
  process.exitCode = 1;
}
