import { type ActionPlan, lookAtActions, runActions } from "../../providers/release/actions.ts";
import { describeActions, planAppStop } from "../../providers/release/plan-app-stop.ts";
import { slotsAt } from "../action/choose.ts";
import type { ActionOptions } from "../action/options.ts";
import { withRunOf } from "../action/run.ts";
import { readStack } from "../stack/read-stack.ts";
import { DECLINED, isConfirmed } from "../terminal/confirm.ts";
import { since } from "../terminal/format.ts";
import { printLine } from "../terminal/print.ts";

/** Stops containers of the app. Returns the exit code. */
export async function stop({ yes, role, host, ...options }: ActionOptions): Promise<number> {
  const stack = await readStack(options);
  const { inputs } = stack;
  const slots = slotsAt(inputs, { ...(role && { role }), ...(host && { host }) });
  return withRunOf("slipway stop", stack, async (run) => {
    const plan: ActionPlan = (part, found) => planAppStop(part, found, slots);
    const planned = await lookAtActions(inputs, slots, plan, run);
    if (planned.length === 0) {
      printLine(`nothing to stop: no container of ${inputs.service} runs there`);
      return 0;
    }
    printLine([`stop ${inputs.service}`, ...describeActions(planned)].join("\n"));
    if (!(await isConfirmed(yes ?? false, "a stop", "Stop it?"))) return DECLINED;
    const began = performance.now();
    const done = await runActions(inputs, slots, plan, run);
    const stopped = done.filter((one) => one.do === "stop").length;
    printLine(
      `stopped ${stopped} container${stopped === 1 ? "" : "s"} in ${since(began)}; slipway start starts ${stopped === 1 ? "it" : "them"} again, and so does the next pulumi up`,
    );
    return 0;
  });
}
