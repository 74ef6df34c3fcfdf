/** `npm run slipway -- status`: Slipway's own commands on this project, with a Pulumi for those that ask it, whether or not this machine has one. */
import { join } from "node:path";
import { endWith, inForeground } from "./foreground.ts";
import { backendFor } from "./pulumi/backend.ts";
import { withPulumi } from "./pulumi/environment.ts";
import { ensurePulumi } from "./pulumi/index.ts";

const root = join(import.meta.dirname, "..");

await endWith(async () => {
  const env = { ...withPulumi(await ensurePulumi(), root), ...(await backendFor(root)) };
  return inForeground(process.execPath, [join(root, "cli", "main.ts"), ...process.argv.slice(2)], { cwd: root, env });
});
