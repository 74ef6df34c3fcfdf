import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectAround } from "../../project/place.ts";
import { COMMAND_VARIABLE } from "../../providers/pulumi/command-variable.ts";
import { SHOWN_PLANS_VARIABLE } from "../../providers/pulumi/shown-plans.ts";
import { displayOf, forCommand, leanEnvironment } from "../engine/environment.ts";
import { preparePulumi } from "../engine/pulumi/prepare.ts";
import { inForeground } from "../terminal/foreground.ts";
import { readArguments } from "./arguments.ts";

/** They use no backend, or choose it: with a default in the environment, a login would be to that one, or with a warning about it. */
const WITHOUT_BACKEND: ReadonlySet<string | undefined> = new Set([undefined, "help", "version", "login", "logout"]);

/** They are a preview and an update: the second does not repeat the plans of the first. */
const WITH_PREVIEW: ReadonlySet<string | undefined> = new Set(["up", "update"]);

/** Runs Pulumi on this terminal, with these arguments as they are. Returns its exit code. */
export async function runPulumi(args: readonly string[]): Promise<number> {
  const { command, folder } = readArguments(args, process.cwd());
  await preparePulumi(WITHOUT_BACKEND.has(command) ? undefined : projectAround(folder));
  const named = command === undefined ? {} : { [COMMAND_VARIABLE]: `pulumi ${command}` };
  const env = { ...process.env, ...leanEnvironment(), ...forCommand(args), ...displayOf(process.stdout), ...named };
  if (!WITH_PREVIEW.has(command)) return inForeground("pulumi", args, env);
  const shown = await mkdtemp(join(tmpdir(), "slipway-run-"));
  try {
    return await inForeground("pulumi", args, { ...env, [SHOWN_PLANS_VARIABLE]: join(shown, "plans") });
  } finally {
    await rm(shown, { recursive: true, force: true });
  }
}
