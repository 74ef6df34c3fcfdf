import { relative } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Maintenance } from "../../core/release/maintenance.ts";
import { declaredConfig, findProject, stackFilePath } from "../../project/project.ts";
import { type ActionPlan, lookAtActions, runActions } from "../../providers/release/actions.ts";
import type { ReleaseInputs } from "../../providers/release/inputs.ts";
import { planEndOfMaintenance, planMaintenance } from "../../providers/release/plan-app-stop.ts";
import { slotsAt } from "../action/choose.ts";
import { withRunOf } from "../action/run.ts";
import type { StackOptions } from "../stack/option.ts";
import { readStack } from "../stack/read-stack.ts";
import { recoverFile } from "../stack/rollback-journal.ts";
import { notice } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";
import { declare } from "./declared.ts";

interface MaintenanceOptions extends StackOptions {
  readonly message?: string;
}

/** Closes or opens the app's routes, and writes it down. Returns the exit code. */
export async function turn(to: "on" | "off", { message = "", ...options }: MaintenanceOptions): Promise<number> {
  const stack = await readStack(options);
  return withRunOf(`slipway maintenance ${to}`, stack, async (run) => {
    const slots = slotsAt(stack.inputs, {});
    requireProxied(stack.inputs);
    const plan: ActionPlan = (part, found) =>
      to === "on" ? planMaintenance(part, found, slots, message) : planEndOfMaintenance(part, found, slots);
    // A host that cannot be asked is reported before anything is changed.
    await lookAtActions(stack.inputs, slots, plan, run);
    // First: whatever happens from here on, the next run does what was asked for.
    const written = await writeDown(to === "on" ? { message } : undefined, options.stack ?? stack.stack);
    const done = await runActions(stack.inputs, slots, plan, run);
    const hosts = [...new Set(done.map(({ host }) => host))].sort();
    printLine(hosts.length === 0 ? `maintenance is ${to} already on all hosts` : `maintenance is ${to} on ${hosts.join(", ")}`);
    notice(written);
    return 0;
  });
}

/** @returns what a person has to know of it */
async function writeDown(maintenance: Maintenance | undefined, stack: string): Promise<string> {
  const project = await findProject(process.cwd());
  const file = stackFilePath(project, stack);
  const path = relative(process.cwd(), file);
  const recovered = await recoverFile(path, process.cwd());
  if (recovered !== undefined) notice(recovered);
  const text = maintenance === undefined ? "without" : "with";
  const undone = `the next pulumi up undoes this, unless the app is declared ${text} maintenance`;
  const isHere = (await declaredConfig(project, stack))?.["slipway:servers"] !== undefined;
  if (!isHere) return `the program declares the app, not ${path}: ${undone}`;
  const problem = await declare(maintenance, file, path);
  if (problem !== undefined) return `${path} could not be changed (${problem}): ${undone}`;
  return maintenance === undefined
    ? `slipway:maintenance is removed from ${path}: commit that`
    : `slipway:maintenance is in ${path} from now on: commit that; slipway maintenance off removes it`;
}

function requireProxied({ roles, service }: ReleaseInputs): void {
  if (Object.values(roles).some(({ proxy }) => proxy !== undefined)) return;
  throw new SlipwayError({
    code: "USAGE",
    what: `${service} has no role with a proxy, which would answer for it`,
    servesNow: NOTHING_TOUCHED,
    next: "slipway stop stops its containers",
  });
}
