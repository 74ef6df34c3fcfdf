import { appName } from "../../core/names.ts";
import { describe } from "../../providers/release/describe.ts";
import { hostLines } from "../../providers/release/host-lines.ts";
import { observeFleet } from "../../providers/release/observe.ts";
import type { Operation } from "../../providers/release/operation.ts";
import { planRelease } from "../../providers/release/plan.ts";
import { requirePossible } from "../../providers/release/stories.ts";
import { withdrawRelease, withoutApp } from "../../providers/release/withdraw.ts";
import { withRunOf } from "../action/run.ts";
import type { StackOptions } from "../stack/option.ts";
import { readStack, type Stack } from "../stack/read-stack.ts";
import { DECLINED, isConfirmed } from "../terminal/confirm.ts";
import { printLine } from "../terminal/print.ts";

/** What stays on the hosts, in a sentence. Pure. */
export function whatStays({ accessories, schedules }: Pick<Stack, "accessories" | "schedules">): string {
  const own = accessories.map(({ accessory, host }) => `${accessory} on ${host.name}`).join(", ");
  return [
    ...(accessories.length === 0
      ? []
      : [accessories.length === 1 ? `the accessory ${own} with its data` : `the accessories ${own} with their data`]),
    ...(schedules.length === 0 ? [] : ["backups and jobs"]),
    "the proxy and the servers",
  ].join(", ");
}

/** A line for each host, or for all hosts with which the same happens. Pure. */
export const whatGoes = (operations: readonly Operation[]): string[] =>
  hostLines(
    new Map(
      [...Map.groupBy(operations, ({ host }) => host)].map(([host, own]) => [host, own.map(describe).join(" · ")] as const),
    ),
  );

/** Removes the app from its hosts. Returns the exit code. */
export async function remove({ yes, ...options }: StackOptions & { readonly yes?: true }): Promise<number> {
  const stack = await readStack(options);
  const { inputs } = stack;
  return withRunOf("slipway remove", stack, async (run) => {
    const found = await observeFleet(inputs, run.hosts);
    const plan = planRelease(withoutApp(inputs), found);
    requirePossible({ ...plan, clashes: [] }, inputs, found);
    if (plan.operations.length === 0) {
      printLine(`nothing to remove: ${appName(inputs)} is on none of its hosts`);
      return 0;
    }
    printLine([`remove ${appName(inputs)}`, ...whatGoes(plan.operations), `  stays: ${whatStays(stack)}`].join("\n"));
    if (!(await isConfirmed(yes ?? false, "a removal", "Remove it?"))) return DECLINED;
    await withdrawRelease(inputs, run);
    printLine(`removed ${appName(inputs)}; the stack still declares it: the next pulumi up releases it again`);
    return 0;
  });
}
