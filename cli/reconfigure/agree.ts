import { SHOWN_PLAN, type ShownPlan, shownPlan } from "../../providers/pulumi/shown-plan.ts";
import { exitCodeOf } from "../deploy/exit-code.ts";
import { Display } from "../engine/display.ts";
import { runEngine } from "../engine/engine.ts";
import { ask } from "../terminal/ask.ts";
import { notice } from "../terminal/failure.ts";
import type { Reconfiguration } from "./reconfiguration.ts";

/** Whether the new config may be released. */
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
export async function agree(own: Reconfiguration, isAgreed: boolean, signal: AbortSignal): Promise<Agreement> {
  if (isAgreed) {
    await own.write();
    return signal.aborted ? ended(INTERRUPTED) : { kind: "agreed", said: new Set(), env: own.env };
  }
  const { planOf } = await import("./own-plan.ts");
  const plan = await planOf(await own.opened(), own.target);
  if (signal.aborted) return ended(INTERRUPTED);
  if (plan.kind === "own") return agreeToOwn(plan.plans, own, signal);
  notice(`the engine makes the plan, in a run of its own: ${plan.because}`);
  return agreeToPreview(own, signal);
}

/** The file is written once there is a yes. */
async function agreeToOwn(plans: readonly ShownPlan[], own: Reconfiguration, signal: AbortSignal): Promise<Agreement> {
  if (plans.length === 0) {
    await own.write();
    return ended(0, true);
  }
  const display = new Display({ out: process.stdout, err: process.stderr });
  display.plans(plans);
  const answer = await answerTo(own, signal);
  if (answer !== undefined) return answer;
  await own.write();
  return { kind: "agreed", said: display.said, env: { ...own.env, [SHOWN_PLAN]: shownPlan(plans) } };
}

async function agreeToPreview(own: Reconfiguration, signal: AbortSignal): Promise<Agreement> {
  const { given: stack, folder } = own.target;
  await own.write();
  if (signal.aborted) return ended(INTERRUPTED);
  const plan = await runEngine("preview", { stack, folder, env: own.env });
  if (!plan.well) return ended(await exitCodeOf("preview", plan, stack));
  if (Object.keys(plan.changes).length === 0) return ended(0, true);
  return (await answerTo(own, signal)) ?? { kind: "agreed", said: plan.said, env: own.env };
}

/** How it ends without a yes. */
async function answerTo({ purpose }: Reconfiguration, signal: AbortSignal): Promise<Agreement | undefined> {
  const agreed = await ask(purpose.question, signal);
  if (signal.aborted) return ended(INTERRUPTED);
  return agreed ? undefined : ended(DECLINED);
}
