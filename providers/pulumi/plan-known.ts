import { SlipwayError } from "../../core/error.ts";
import { commonText } from "./common-text.ts";
import { foreseen, hasUnknown, type Reading } from "./foreseen.ts";
import type { Forgotten } from "./forgotten.ts";
import type { Intent, Provider } from "./provider.ts";

/** What a plan is made from, besides the inputs. */
interface Before<I, S> {
  readonly state: S | undefined;
  readonly forgotten: Forgotten;
  /** What is added to the inputs. */
  readonly adopted?: Partial<I> | undefined;
}

export const PLAN_LATER = "no plan yet: it depends on values that are not known before the run";

/**
 * The plan of inputs that a preview may know in part. It is made twice, with different values for what is unknown, and what differs in its
 * text is said to be unknown. Pure.
 */
export function planKnown<I extends object, S extends I>(
  provider: Provider<I, S>,
  inputs: unknown,
  { state, forgotten, adopted = {} }: Before<I, S>,
): Intent {
  const plan = (reading: Reading): Intent => {
    const own = provider.inputs.parse(foreseen(inputs, provider.inputs, reading));
    return provider.plan({ ...own, ...adopted }, state, forgotten);
  };
  if (!hasUnknown(inputs)) return plan(0);
  const [one, other] = [attempt(() => plan(0)), attempt(() => plan(1))];
  if (one instanceof Error && other instanceof Error && one.message === other.message && one instanceof SlipwayError) throw one;
  // No value that we made up may stop a preview: not all that a plan relies on is in the schema of its inputs.
  if (one instanceof Error || other instanceof Error) return { changes: true, text: PLAN_LATER };
  return { ...one, text: commonText(one.text, other.text) };
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
