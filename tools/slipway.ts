/** `npm run slipway -- status`, `npm run pulumi -- up`: Slipway's commands on this project, with a Pulumi that is built if need be. */
import { printFailure } from "../cli/terminal/failure.ts";
import { PROJECT } from "./checks.ts";
import { withPulumi } from "./pulumi/environment.ts";
import { ensurePulumi } from "./pulumi/index.ts";

try {
  Object.assign(process.env, withPulumi(await ensurePulumi()));
  process.chdir(PROJECT);
  await import("../cli/main.ts");
} catch (failure) {
  printFailure(failure);
  process.exitCode = 1;
}
