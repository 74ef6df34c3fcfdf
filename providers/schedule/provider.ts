/**
 * The backups and scheduled jobs of one app on one host.
 *
 * Owns the containers with its `slipway.scheduled` label (the scheduler; two containers per backup; one per job and its copies) and the
 * volumes through which the two containers of a backup are connected. Never touches accessories, their data or finished backups.
 * Operations: stop scheduler, leave, remove, make, start scheduler. Removal keeps the backups and prints where they are.
 */
import { schedulerContainer } from "../../core/names.ts";
import { canonical, omitUndefined } from "../../core/values.ts";
import { obstacleOf, unreachableText } from "../steps/finding.ts";
import { onHost } from "../steps/on-host.ts";
import { convergeSchedule } from "./apply.ts";
import { scheduleFacts, warningsOf } from "./facts.ts";
import { type FoundSchedule, NOTHING_FOUND } from "./found.ts";
import { ScheduleInputs, ScheduleState } from "./inputs.ts";
import { readSchedule } from "./observe.ts";
import { describe, describeEntries, planSchedule } from "./plan.ts";
import { ScheduleRemains } from "./remains.ts";
import { withdrawSchedule } from "./withdraw.ts";

export const scheduleProvider = onHost({
  inputs: ScheduleInputs,
  state: ScheduleState,
  remains: ScheduleRemains,
  noun: schedulerContainer,
  read: async (inputs, hosts, before) => ({
    ...inputs,
    found: await readSchedule(inputs, hosts.at(inputs.host)),
    ...omitUndefined({ digest: before?.digest }),
  }),
  obstacle: obstacleOf,
  plan: planSchedule,
  describe: (operation, _inputs, drift) => describe(operation, drift),
  describeUnseen: (inputs) => stepsText(inputs, NOTHING_FOUND),
  notes: describeEntries,
  isRedeclared: (inputs, { found: _found, digest: _digest, ...declared }) => canonical(declared) !== canonical(inputs),
  shown: (inputs, found) => ({ status: found.kind === "unreachable" ? unreachableText(found) : stepsText(inputs, found) }),
  warnings: (inputs, found) => (found.kind === "unreachable" ? [] : warningsOf(scheduleFacts(inputs, found, new Date()))),
  onNewMachine: "replace",
  converge: async (inputs, state, run) => ({ ...inputs, ...(await convergeSchedule(inputs, state, run)) }),
  withdraw: withdrawSchedule,
});

const stepsText = (inputs: ScheduleInputs, found: FoundSchedule): string =>
  planSchedule(inputs, found)
    .map((operation) => describe(operation))
    .join(" · ");
