import { appName } from "../../core/names.ts";
import type { Seconds } from "../../core/words.ts";
import type { Run } from "../pulumi/provider.ts";
import { withdrawFrom } from "../steps/withdraw.ts";
import { pipeVolume, recordVolume, type ScheduleInputs, sinkName } from "./inputs.ts";
import { observeSchedule } from "./observe.ts";
import { jobEntry } from "./parts.ts";
import { describePlace } from "./plan.ts";

/** For all but jobs, which have their own: our programs end at once. */
const STOP_GRACE: Seconds = 10;

/** Removes the scheduler and all its containers. Finished backups are kept. */
export async function withdrawSchedule(inputs: ScheduleInputs, run: Run): Promise<void> {
  const what = `the schedule of ${appName(inputs)}`;
  await withdrawFrom({ host: inputs.host, what }, run, async (host) => {
    const { parts } = await observeSchedule(inputs, host);
    const ours = parts.filter((part) => part.ours);
    // The scheduler is first: its entry is empty.
    const graces = new Map(Object.entries(inputs.jobs).map(([name, { stopTimeout }]) => [jobEntry(name), stopTimeout]));
    for (const { id, running, entry } of ours.sort((a, b) => (a.entry < b.entry ? -1 : 1))) {
      if (running) await host.docker.stop(id, graces.get(entry) ?? STOP_GRACE);
      await host.docker.remove(id, { force: true, anonymousVolumes: true });
    }
    const volumes = Object.values(inputs.backups).flatMap((backup) => [pipeVolume(backup), recordVolume(backup)]);
    // Of backups that the state does not know any more.
    const sinks = ours.filter(({ name }) => name.endsWith(sinkName({ container: "" })));
    const found = sinks.flatMap(({ name }) => [`${name}-pipe`, `${name}-record`]);
    for (const volume of new Set([...volumes, ...found])) await host.docker.removeVolume(volume);
  });
  const kept = Object.values(inputs.backups).map(describePlace);
  if (kept.length > 0) run.report.say(`${inputs.host.name}: backups are kept in ${kept.join(", ")}`);
}
