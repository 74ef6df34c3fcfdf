import { canonical } from "../../core/hash.ts";
import type { Provider, Reading } from "../pulumi/provider.ts";
import { convergeSchedule } from "./apply.ts";
import { scheduleFacts, warningsOf } from "./facts.ts";
import { type FoundSchedule, NOTHING_FOUND } from "./found.ts";
import { ScheduleInputs, ScheduleState, schedulerName } from "./inputs.ts";
import { readSchedule } from "./observe.ts";
import { describe, describeEntries, planSchedule } from "./plan.ts";
import { withdrawSchedule } from "./withdraw.ts";

export const scheduleProvider: Provider<ScheduleInputs, ScheduleState> = {
  inputs: ScheduleInputs,
  state: ScheduleState,
  id: (inputs) => `${inputs.host.name}:${schedulerName(inputs)}`,

  plan: (inputs, state) => {
    const { name } = inputs.host;
    if (state?.found.is === "unreachable") return { changes: true, text: `${name}   unreachable: ${state.found.reason}` };
    const isOther = state !== undefined && state.host.address !== inputs.host.address;
    const steps = planSchedule(inputs, isOther ? NOTHING_FOUND : (state?.found ?? NOTHING_FOUND)).map(describe);
    const isDeclaredAnew = state === undefined || canonical({ ...state, found: undefined }) !== canonical(inputs);
    const text = [`${name}   ${steps.join(" · ") || "no change on the host"}`, ...describeEntries(inputs)].join("\n  ");
    if (isOther) return { changes: true, replace: { because: ["host"], first: "create" }, text };
    return { changes: steps.length > 0 || isDeclaredAnew, text };
  },

  converge: async (inputs, _state, run) => ({ ...inputs, found: await convergeSchedule(inputs, run) }),

  read: async (inputs, { hosts, report }): Promise<Reading<ScheduleInputs, ScheduleState>> => {
    const found = await readSchedule(inputs, hosts.at(inputs.host));
    const state = { ...inputs, found };
    if (found.is === "unreachable") return drift(inputs, found, `unreachable: ${found.reason}`);
    for (const warning of warningsOf(scheduleFacts(inputs, found, new Date()))) report.warn(`${inputs.host.name}: ${warning}`);
    const steps = planSchedule(inputs, found).map(describe);
    return steps.length === 0 ? { found: "same", state } : drift(inputs, found, steps.join(" · "));
  },

  withdraw: withdrawSchedule,
};

/** What is shown is never converged, so it need not be what one may write there. */
function drift(inputs: ScheduleInputs, found: FoundSchedule, status: string): Reading<ScheduleInputs, ScheduleState> {
  const shown: Readonly<Record<string, unknown>> = { status };
  return { found: "drift", state: { ...inputs, found }, inputs: { ...inputs, ...shown } as ScheduleInputs };
}
