import { answers } from "./answer.ts";
import { unreachableServer } from "./connection.ts";
import { missingProgram } from "./executable.ts";
import { memory } from "./memory.ts";
import { missingPermission } from "./permission.ts";
import type { Cause, Keys, Rule } from "./rule.ts";
import type { Seen } from "./seen.ts";
import { listensElsewhere } from "./socket.ts";
import { missingVariable } from "./variable.ts";

const OF_THE_LOG: readonly Rule[] = [missingVariable, unreachableServer, missingPermission];
const AFTER_AN_END: readonly Rule[] = [memory, missingProgram, ...OF_THE_LOG];
/** An app that answers has started: what it wrote before says less than its answer. */
const WHILE_IT_RUNS: readonly Rule[] = [listensElsewhere, answers, ...OF_THE_LOG];

/** The first cause that fits; `undefined` where none is certain enough. Pure. */
export function causeOf(seen: Seen, keys: Keys): Cause | undefined {
  const rules = seen.asked === undefined ? AFTER_AN_END : WHILE_IT_RUNS;
  for (const rule of rules) {
    const cause = rule(seen, keys);
    if (cause !== undefined) return cause;
  }
  return undefined;
}
