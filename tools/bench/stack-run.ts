import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Seconds } from "../../core/words.ts";
import type { PushedImage } from "../../lab/app.ts";
import type { LabStack, Outcome } from "../../lab/stack.ts";

const SLIPWAY = join(import.meta.dirname, "..", "..", "cli", "main.ts");

/** `pulumi up` without a preview, as in every run of the bench. A failure ends the bench. */
export async function up(stack: LabStack): Promise<Outcome> {
  const outcome = await stack.up("--skip-preview");
  if (outcome.code === 0) return outcome;
  const trace = outcome.trace.map((event) => JSON.stringify(event)).join("\n");
  throw new Error(`pulumi up failed:\n${outcome.output}\n${trace}`);
}

/** Releases a different image. */
export async function swap(stack: LabStack, { ref }: PushedImage): Promise<Outcome> {
  await stack.configure({ image: ref });
  return up(stack);
}

/** stdout and stderr of a `slipway` command. @example await slipway(stack, "rollback", "--yes") */
export async function slipway(stack: LabStack, ...args: readonly string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [SLIPWAY, ...args, "-s", stack.name], { env: stack.env });
  const { stdout, stderr } = await run;
  return `${stdout}${stderr}`;
}

/** The summary that a release prints at its end. */
export function servingAfter(output: string): Seconds {
  const seconds = Number(/serving after ([\d.]+) s/.exec(output)?.[1]);
  if (!Number.isFinite(seconds)) throw new Error(`the release did not say when it served:\n${output}`);
  return seconds;
}

/** A release pulls by digest, so the image has no tag on the host. */
export const imageOnHost = ({ ref, digest }: PushedImage): string => `${ref.slice(0, ref.lastIndexOf(":"))}@${digest}`;
