import { decisive } from "../../core/builder.ts";
import { pathsText } from "../../core/paths.ts";
import { isStored, plainName } from "../../core/stored-image.ts";
import { canonical } from "../../core/values.ts";
import type { Intent } from "../pulumi/provider.ts";
import type { BuildInputs, BuildState } from "./inputs.ts";

/** Whether an image is built, and why. Pure. */
export function planBuild(inputs: BuildInputs, state: BuildState | undefined): Intent {
  const { image, __facts: facts } = inputs;
  const because = reasonFor(inputs, state);
  if (because === undefined) return { changes: false, text: "" };
  const uncommitted = facts.uncommitted.count === 0 ? [] : [`  not committed: ${pathsText(facts.uncommitted)}`];
  return { changes: true, text: [`build ${plainName(image)} ${facts.version}   ${because}`, ...uncommitted].join("\n") };
}

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
  const files = built.content === facts.content ? [] : [filesText(facts, built.content)];
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
