import { describeRestart, hasOutage, type Way } from "../../providers/release/plan-restart.ts";
import { lookAtRestart, restart } from "../../providers/release/restart.ts";
import { slotsAt } from "../action/choose.ts";
import type { ActionOptions } from "../action/options.ts";
import { withRunOf } from "../action/run.ts";
import { readPlainRelease } from "../stack/read-stack.ts";
import { DECLINED, isConfirmed } from "../terminal/confirm.ts";
import { printLine } from "../terminal/print.ts";

/** Restarts or starts containers of the last release. Returns the exit code. */
export async function bringUp(way: Way, { yes, role, host, ...options }: ActionOptions): Promise<number> {
  const release = await readPlainRelease(options);
  const { inputs } = release;
  const slots = slotsAt(inputs, { ...(role && { role }), ...(host && { host }) });
  return withRunOf(`slipway ${way}`, release, async (run) => {
    const planned = await lookAtRestart(inputs, slots, way, run);
    const lines = describeRestart(planned);
    if (lines.length === 0 && planned.plan.operations.length === 0) {
      printLine(`nothing to start: ${inputs.release} runs as declared`);
      return 0;
    }
    printLine([`${way} ${inputs.release}`, ...lines].join("\n"));
    const asks = way === "restart" && hasOutage(planned);
    if (asks && !(await isConfirmed(yes ?? false, "a restart with a gap", "Restart it?"))) return DECLINED;
    await restart(inputs, slots, way, run);
    return 0;
  });
}
