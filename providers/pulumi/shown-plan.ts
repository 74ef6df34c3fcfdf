import { createHash } from "node:crypto";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";

/** The variable in which a command passes on the plan that a person has agreed to, to the run that carries it out. */
export const SHOWN_PLAN = "SLIPWAY_SHOWN_PLAN";

/** The plan of one resource, as it was shown. */
export interface ShownPlan {
  readonly urn: string;
  readonly text: string;
}

/** The value of that variable: of each resource that may change, a hash of its plan. */
export const shownPlan = (plans: readonly ShownPlan[]): string =>
  JSON.stringify(Object.fromEntries(plans.map(({ urn, text }) => [urn, hashOf(text)])));

/** Refuses the plan of a resource if a person has agreed to another one, or to none of it. Without that variable, any plan is right. */
export function requireShown(urn: string, text: string, variable = process.env[SHOWN_PLAN]): void {
  if (variable === undefined) return;
  const shown = parseJson(variable);
  const own = isMap(shown) ? shown[urn] : undefined;
  if (own === hashOf(text)) return;
  throw new SlipwayError({
    code: "PLAN_STALE",
    what: "the plan is not the one that was shown any more",
    evidence: own === undefined ? ["this resource would change as well"] : text.split("\n"),
    servesNow: NOTHING_TOUCHED,
    next: "run the command again: it shows what it would do now",
  });
}

/** Of its phrases in any order: the engine keeps no order of the roles and hosts in its inputs. */
const hashOf = (text: string): string =>
  createHash("sha256")
    .update(
      JSON.stringify(
        text
          .split(/\n| · | {2,}/)
          .map((phrase) => phrase.trim())
          .sort(),
      ),
    )
    .digest("hex");
