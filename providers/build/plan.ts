import { decisive } from "../../core/builder.ts";
import { pathsText } from "../../core/paths.ts";
import { isStored, plainName } from "../../core/stored-image.ts";
import { canonical } from "../../core/values.ts";
import type { Intent } from "../pulumi/provider.ts";
import type { BuildInputs, BuildState } from "./inputs.ts";

/** Whether an image is built, and why. Pure. */
export function planBuild(inputs: BuildInputs, state: BuildState | undefined): Intent {
  const { image, builder, __facts: facts } = inputs;
  const because = reasonFor(inputs, state);
  if (because === undefined) return { changes: false, text: "" };
  const uncommitted =
    facts.uncommitted.count === 0
      ? []
      : [`  ${NOT_COMMITTED[builder.clean === undefined ? "built" : "leftOut"]}: ${pathsText(facts.uncommitted)}`];
  return { changes: true, text: [`build ${plainName(image)} ${facts.version}   ${because}`, ...uncommitted].join("\n") };
}

const NOT_COMMITTED = { built: "not committed", leftOut: "left out, since not committed" } as const;

/** Why an image has to be built; `undefined`: the last one is right. */
function reasonFor({ image, builder, __facts: facts }: BuildInputs, state: BuildState | undefined): string | undefined {
  if (state === undefined) return "first build";
  const { built, lost } = state;
  if (built === undefined) return "its last image is unknown";
  if (lost !== undefined)
    return `its image is missing on ${lost.join(", ")}, and ${isStored(image) ? "on this machine" : "in the registry"} (drift)`;
  if (state.image !== image) return `its place changed from ${plainName(state.image)}`;
  const [before, now] = [decisive(state.builder), decisive(builder)];
  const keys = (Object.keys(now) as (keyof typeof now)[]).filter((key) => canonical(before[key]) !== canonical(now[key]));
  // Files of a commit are not compared with those of a folder.
  const isComparable = !keys.includes("clean");
  const files = built.content === facts.content || !isComparable ? [] : [filesText(facts, built.content)];
  const settings = keys.length === 0 ? [] : [`builder changed: ${keys.map((key) => NAMES[key] ?? key).join(", ")}`];
  const reasons = [...files, ...settings];
  return reasons.length === 0 ? undefined : reasons.join("; ");
}

/** How the config writes it. */
const NAMES: Partial<Record<keyof ReturnType<typeof decisive>, string>> = { platforms: "arch" };

/** On a machine that has not made the last build, the files themselves are unknown. */
function filesText({ changed }: BuildInputs["__facts"], content: string): string {
  if (changed?.since !== content) return "its files changed";
  return `${changed.count} ${changed.count === 1 ? "file" : "files"} changed (${pathsText(changed)})`;
}
