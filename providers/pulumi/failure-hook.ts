import { z } from "zod";
import { messageOf } from "../../core/error.ts";
import { parseJson, printableText } from "../../core/text.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import { OutputTail, stackIn } from "../../hosts/index.ts";
import { shortName } from "../../project/place.ts";
import type { Report } from "./report.ts";

const Hooks = z.looseObject({ on_failure: z.union([z.string(), z.array(z.string())]).optional() });

/** A failing run must end even if its hook hangs. */
const HOOK_TIMEOUT: Seconds = 60;
const MAX_OUTPUT: Bytes = 64 * 1024;
/** Linux refuses a variable of more than 128 KiB. */
const MAX_ERROR = 32 * 1024;
/** What gives access to the state and to the cloud of the run. A hook only reports. */
const PRIVATE = /^(?:PULUMI_|HCLOUD_TOKEN$)/;

/** Runs the commands of `hooks.on_failure` once per run, at the first failure. No resource of the graph could: it would be skipped. */
export class FailureHook {
  readonly #script: string;
  readonly #service: string;
  readonly #timeout: Seconds;
  #done = false;

  constructor(config: { get(key: string): string | undefined }, timeout = HOOK_TIMEOUT) {
    const { on_failure: written = [] } = Hooks.safeParse(parseJson(config.get("slipway:hooks") ?? "")).data ?? {};
    this.#script = [written].flat().join("\n");
    this.#service = config.get("slipway:service") ?? "";
    this.#timeout = timeout;
  }

  /**
   * If the hook itself fails, that is a warning; the original error stays the error of the run.
   *
   * @param urn of the resource that failed
   */
  async run(thrown: unknown, urn: string, report: Report): Promise<void> {
    if (this.#done || this.#script === "") return;
    this.#done = true;
    try {
      report.status("run hooks.on_failure");
      const facts = { SLIPWAY_SERVICE: this.#service, SLIPWAY_STACK: shortName(stackIn(urn)), SLIPWAY_ERROR: errorText(thrown) };
      const { failure, output } = await shell(this.#script, { ...environment(), ...facts }, this.#timeout);
      if (output !== "") report.say(`hooks.on_failure:\n${output}`);
      if (failure !== undefined) report.warn(`hooks.on_failure failed: ${failure}`);
    } catch (failed) {
      report.warn(`hooks.on_failure could not be run: ${messageOf(failed)}`);
    }
  }
}

/** Its beginning says what happened, without what a host's log could do to the terminal or the shell of its reader. */
function errorText(thrown: unknown): string {
  const text = printableText(messageOf(thrown));
  return text.length <= MAX_ERROR ? text : `${text.slice(0, MAX_ERROR)}\n… (${text.length} characters)`;
}

const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !PRIVATE.test(name)));

interface Ended {
  readonly failure: string | undefined;
  readonly output: string;
}

/** The end of the output is kept. Whatever the commands have started is killed with them at the deadline. */
async function shell(script: string, env: NodeJS.ProcessEnv, timeout: Seconds): Promise<Ended> {
  const { spawn } = await import("node:child_process");
  const child = spawn("/bin/sh", ["-c", `set -e\n${script}`], { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const output = new OutputTail(MAX_OUTPUT);
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => output.add(part));
  return new Promise((resolve, reject) => {
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) killGroup(child.pid);
    }, timeout * 1000);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(deadline);
      const failure = isLate ? `it did not end within ${timeout} s` : code === 0 ? undefined : `exit code ${code ?? signal}`;
      resolve({ failure, output: output.text.trim() });
    });
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
