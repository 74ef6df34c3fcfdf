import { z } from "zod";
import { messageOf } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import type { Report } from "./report.ts";

const Hooks = z.looseObject({ on_failure: z.union([z.string(), z.array(z.string())]).optional() });

/** A failing run must end even if its hook hangs. */
const HOOK_TIMEOUT: Seconds = 60;
const MAX_OUTPUT = 64 * 1024;

/** Runs the commands of `hooks.on_failure` once per run, at the first failure. No resource of the graph could: it would be skipped. */
export class FailureHook {
  readonly #script: string;
  readonly #service: string;
  #done = false;

  constructor(config: { get(key: string): string | undefined }) {
    const { on_failure: written = [] } = Hooks.safeParse(parseJson(config.get("slipway:hooks") ?? "")).data ?? {};
    this.#script = [written].flat().join("\n");
    this.#service = config.get("slipway:service") ?? "";
  }

  /**
   * If the hook itself fails, that is a warning; the original error stays the error of the run.
   *
   * @param urn of the resource that failed
   */
  async run(thrown: unknown, urn: string, report: Report): Promise<void> {
    if (this.#done || this.#script === "") return;
    this.#done = true;
    report.status("run hooks.on_failure");
    const [, , stack = ""] = urn.split(/:+/);
    const facts = { SLIPWAY_SERVICE: this.#service, SLIPWAY_STACK: stack, SLIPWAY_ERROR: messageOf(thrown) };
    const { failure, output } = await shell(this.#script, { ...process.env, ...facts });
    if (output !== "") report.say(`hooks.on_failure:\n${output}`);
    if (failure !== undefined) report.warn(`hooks.on_failure failed: ${failure}`);
  }
}

async function shell(script: string, env: NodeJS.ProcessEnv): Promise<{ failure: string | undefined; output: string }> {
  const { execFile } = await import("node:child_process");
  return new Promise((resolve) => {
    const options = { env, timeout: HOOK_TIMEOUT * 1000, maxBuffer: MAX_OUTPUT };
    execFile("/bin/sh", ["-c", `set -e\n${script}`], options, (error, stdout, stderr) => {
      const failure =
        error === null ? undefined : error.killed ? `it did not end within ${HOOK_TIMEOUT} s` : `exit code ${error.code}`;
      resolve({ failure, output: `${stdout}${stderr}`.trim() });
    });
  });
}
