/** `npm run pulumi -- preview --stack example`: Pulumi on this project, whether or not this machine has it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { homedir, constants as os } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { forCommand, withPulumi } from "./environment.ts";
import { ensurePulumi } from "./index.ts";
import { note } from "./note.ts";

const root = join(import.meta.dirname, "..", "..");

/** Where this user keeps state already: told by the environment, by the project, or by a login. */
async function hasBackend(): Promise<boolean> {
  if (process.env.PULUMI_BACKEND_URL || process.env.PULUMI_ACCESS_TOKEN) return true;
  const Project = z.object({ backend: z.object({ url: z.string() }).optional() });
  const project = Project.safeParse(parse(await readFile(join(root, "Pulumi.yaml"), "utf8").catch(() => "{}")));
  if (project.data?.backend !== undefined) return true;
  const Logins = z.object({ current: z.string().min(1) });
  const logins = join(
    process.env.PULUMI_CREDENTIALS_PATH || process.env.PULUMI_HOME || join(homedir(), ".pulumi"),
    "credentials.json",
  );
  return Logins.safeParse(JSON.parse(await readFile(logins, "utf8").catch(() => "{}"))).success;
}

/** A backend for those who have none yet: a folder of the project that git ignores. */
async function localBackend(): Promise<string> {
  const folder = join(root, ".pulumi", "state");
  const isNew = !existsSync(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isNew)
    note(
      "no Pulumi backend is set: state is kept in .pulumi/state of this project (pulumi login, or PULUMI_BACKEND_URL, changes that)",
    );
  return pathToFileURL(folder).href;
}

async function main(args: string[]): Promise<number> {
  const env = { ...withPulumi(await ensurePulumi(), root), ...forCommand(args) };
  if (!(await hasBackend())) env.PULUMI_BACKEND_URL = await localBackend();
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
