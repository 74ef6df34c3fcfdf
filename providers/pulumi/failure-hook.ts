import { messageOf } from "../../core/error.ts";
import { printableText } from "../../core/text.ts";
import { HookFailed } from "./hooks/run-hook.ts";
import type { RunHooks } from "./hooks/run-hooks.ts";
import type { Run } from "./provider.ts";
import type { Report } from "./report.ts";

/** Linux refuses a variable of more than 128 KiB. */
const MAX_ERROR = 32 * 1024;

/** Runs `on_failure` once per run, at the first failure. No resource of the graph could: it would be skipped. */
export class FailureHook {
  readonly #hooks: RunHooks;
  #done = false;

  constructor(hooks: RunHooks) {
    this.#hooks = hooks;
  }

  /** If the hook itself fails, that is a warning; the original error stays the error of the run. */
  async run(thrown: unknown, report: Report): Promise<void> {
    if (this.#done || !this.#hooks.has("on_failure")) return;
    this.#done = true;
    const run: Pick<Run, "report"> = { report };
    try {
      await this.#hooks.ofStack("on_failure", { variables: { SLIPWAY_ERROR: errorText(thrown) } }, run);
    } catch (failed) {
      report.warn(failed instanceof HookFailed ? failed.message : `hooks.on_failure could not be run: ${messageOf(failed)}`);
    }
  }
}

/** Its beginning says what happened, without what a host's log could do to the terminal or the shell of its reader. */
function errorText(thrown: unknown): string {
  const text = printableText(messageOf(thrown));
  return text.length <= MAX_ERROR ? text : `${text.slice(0, MAX_ERROR)}\n… (${text.length} characters)`;
}
