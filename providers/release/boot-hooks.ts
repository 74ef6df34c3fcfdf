import type { HostName, RoleName } from "../../core/words.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Plan } from "./plan.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

/** The user's own commands before the containers of a wave start: a failure takes the release back. */
export const beforeBoot = (work: Work, wave: Wave): Promise<void> => bootHook("pre_app_boot", work, wave);

/** Those after the wave serves. */
export const afterBoot = (work: Work, wave: Wave): Promise<void> => bootHook("post_app_boot", work, wave);

async function bootHook(moment: "pre_app_boot" | "post_app_boot", { inputs, plan, run }: Work, wave: Wave): Promise<void> {
  const hook = inputs.__hooks?.[moment];
  if (hook === undefined || !boots(wave, plan)) return;
  const { service, destination, version, image, release, secrets } = inputs;
  const about = { service, destination, version, image, release, secrets, lock: true, ...placesIn(wave, inputs) };
  await run.hooks?.run(moment, hook, about, run);
}

/** Whether containers start in a wave, or one that a killed run has started is to serve: a change of routes alone starts nothing. Pure. */
export const boots = (wave: Wave, { operations }: Pick<Plan, "operations">): boolean =>
  operations.some((operation) => {
    const isBoot = operation.do === "start" || (operation.do === "switch" && operation.because !== "route");
    return isBoot && wave.includes(`${operation.host}/${operation.role}`);
  });

/** The hosts and roles of a wave. */
function placesIn(wave: Wave, { hosts }: Pick<ReleaseInputs, "hosts">) {
  const slots = wave.map((slot): [HostName, RoleName] => {
    const at = slot.lastIndexOf("/");
    return [slot.slice(0, at), slot.slice(at + 1)];
  });
  const names = [...new Set(slots.map(([host]) => host))];
  return { hosts: names.flatMap((name) => hosts[name] ?? []), roles: [...new Set(slots.map(([, role]) => role))] };
}
