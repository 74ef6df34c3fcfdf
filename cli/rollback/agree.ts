import { SHOWN_PLAN, type ShownPlan, shownPlan } from "../../providers/pulumi/shown-plan.ts";
import { exitCodeOf } from "../deploy/exit-code.ts";
import { Display } from "../engine/display.ts";
import { runEngine } from "../engine/engine.ts";
import { ask } from "../terminal/ask.ts";
import { notice } from "../terminal/failure.ts";
import type { Rollback } from "./rollback.ts";

/** Whether a rollback may be released. */
export type Agreement =
  | {
      readonly kind: "agreed";
      /** Messages that were shown, which the run does not repeat. */
      readonly said: ReadonlySet<string>;
      /** What holds the run to what was shown. */
      readonly env: NodeJS.ProcessEnv;
    }
  | { readonly kind: "ended"; readonly code: number; readonly isReleased: boolean };

const DECLINED = 1;
export const INTERRUPTED = 130;

const ended = (code: number, isReleased = false): Agreement => ({ kind: "ended", code, isReleased });

/** Shows the plan and asks for a yes, unless there is one already: then the run prints its plan itself. */
export async function agree(rollback: Rollback, isAgreed: boolean, signal: AbortSignal): Promise<Agreement> {
  if (isAgreed) {
    await rollback.write();
    return signal.aborted ? ended(INTERRUPTED) : { kind: "agreed", said: new Set(), env: rollback.env };
  }
  const { planOf } = await import("./own-plan.ts");
  const plan = await planOf(await rollback.opened(), rollback.past);
  if (signal.aborted) return ended(INTERRUPTED);
  if (plan.kind === "own") return agreeToOwn(plan.plans, rollback, signal);
  notice(`the engine makes the plan, in a run of its own: ${plan.because}`);
  return agreeToPreview(rollback, signal);
}

/** The file is written once there is a yes. */
async function agreeToOwn(plans: readonly ShownPlan[], rollback: Rollback, signal: AbortSignal): Promise<Agreement> {
  if (plans.length === 0) {
    await rollback.write();
    return ended(0, true);
  }
  const display = new Display({ out: process.stdout, err: process.stderr });
  display.plans(plans);
  const answer = await answerTo(rollback, signal);
  if (answer !== undefined) return answer;
  await rollback.write();
  return { kind: "agreed", said: display.said, env: { ...rollback.env, [SHOWN_PLAN]: shownPlan(plans) } };
}

async function agreeToPreview(rollback: Rollback, signal: AbortSignal): Promise<Agreement> {
  const { given: stack, folder } = rollback.past;
  await rollback.write();
  if (signal.aborted) return ended(INTERRUPTED);
  const plan = await runEngine("preview", { stack, folder, env: rollback.env });
  if (!plan.well) return ended(await exitCodeOf("preview", plan, stack));
  if (Object.keys(plan.changes).length === 0) return ended(0, true);
  return (await answerTo(rollback, signal)) ?? { kind: "agreed", said: plan.said, env: rollback.env };
}

/** How it ends without a yes. */
async function answerTo({ target }: Rollback, signal: AbortSignal): Promise<Agreement | undefined> {
  const agreed = await ask(`Release ${target.release} again?`, signal);
  if (signal.aborted) return ended(INTERRUPTED);
  return agreed ? undefined : ended(DECLINED);
}
