import { z } from "zod";
import { messageOf } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import type { Report } from "./report.ts";

const Hooks = z.looseObject({ on_failure: z.union([z.string(), z.array(z.string())]).optional() });

/** A failing run must end, whatever its hook waits for. */
const PATIENCE: Seconds = 60;
const OUTPUT = 64 * 1024;

/** The commands of `hooks.on_failure`: run once in a run, at the first failure, where the graph has no place for them. */
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
   * Its own failure is told, and changes nothing about the one that it is about.
   *
   * @param urn of the resource that failed
   */
  async tell(thrown: unknown, urn: string, report: Report): Promise<void> {
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
    const options = { env, timeout: PATIENCE * 1000, maxBuffer: OUTPUT };
    execFile("/bin/sh", ["-c", `set -e\n${script}`], options, (error, stdout, stderr) => {
      const failure = error === null ? undefined : error.killed ? `it did not end in ${PATIENCE} s` : `exit code ${error.code}`;
      resolve({ failure, output: `${stdout}${stderr}`.trim() });
    });
  });
}
