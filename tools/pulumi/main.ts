/** `npm run pulumi -- preview --stack example`: runs Pulumi on this project, and installs it if it is missing. */
import { join } from "node:path";
import { endWith, inForeground } from "../foreground.ts";
import { backendFor } from "./backend.ts";
import { forCommand, withPulumi } from "./environment.ts";
import { ensurePulumi } from "./index.ts";

const root = join(import.meta.dirname, "..", "..");

await endWith(async () => {
  const args = process.argv.slice(2);
  const env = { ...withPulumi(await ensurePulumi(), root), ...forCommand(args), ...(await backendFor(root)) };
  return inForeground("pulumi", args, { cwd: root, env });
});
