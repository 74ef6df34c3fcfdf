import type { HostName, RoleName } from "../../core/words.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { boots, type Wave } from "./wave.ts";
import type { Work } from "./work.ts";

/** The user's own commands before the containers of a wave start: a failure takes the release back. */
export const beforeBoot = (work: Work, wave: Wave): Promise<void> => bootHook("pre_app_boot", work, wave);

/** Those after the wave serves. */
export const afterBoot = (work: Work, wave: Wave): Promise<void> => bootHook("post_app_boot", work, wave);

async function bootHook(moment: "pre_app_boot" | "post_app_boot", { inputs, plan, run }: Work, wave: Wave): Promise<void> {
  const hook = inputs.__hooks?.[moment];
  if (hook === undefined || !boots(wave, plan.operations)) return;
  const { service, destination, version, image, release, secrets } = inputs;
  const about = { service, destination, version, image, release, secrets, lock: true, ...placesIn(wave, inputs) };
  await run.hooks?.run(moment, hook, about, run);
}

/** The hosts and roles of a wave. */
function placesIn(wave: Wave, { hosts }: Pick<ReleaseInputs, "hosts">) {
  const slots = wave.map((slot): [HostName, RoleName] => {
    const at = slot.lastIndexOf("/");
    return [slot.slice(0, at), slot.slice(at + 1)];
  });
  const names = [...new Set(slots.map(([host]) => host))];
  return { hosts: names.flatMap((name) => hosts[name] ?? []), roles: [...new Set(slots.map(([, role]) => role))] };
}
