import { messageOf } from "../../core/error.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { type Crew, crewOf, together } from "./crew.ts";
import { removeImagesOn } from "./images.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { leaveNetworks } from "./network.ts";
import { observeFleet } from "./observe.ts";
import { planRelease } from "./plan.ts";
import { retire } from "./retire.ts";
import { removeLeftovers } from "./start.ts";
import { Stopwatch } from "./stopwatch.ts";

/** Takes the whole app off its hosts: routes, containers, images. What is gone already is fine, and so is a dead host. */
export async function withdrawRelease(inputs: ReleaseInputs, run: Run): Promise<void> {
  const crew = await reachable(inputs, run);
  const { canary: _canary, maintenance: _maintenance, ...app } = inputs;
  const nothing: ReleaseInputs = { ...app, hosts: hostsOf(inputs, crew), roles: {}, containers: {}, routes: {}, proxyFiles: {} };
  const whatIs: ReleaseInputs = { ...inputs, hosts: nothing.hosts };
  await withLeases([...crew.values()], run, async () => {
    const found = await observeFleet(whatIs, run.hosts);
    const plan = planRelease(nothing, found);
    const work = { inputs: { ...inputs, proxyFiles: nothing.proxyFiles }, crew, run, watch: new Stopwatch() };
    await removeLeftovers(work, plan);
    await retire(work, plan);
    await leaveNetworks({ ...work, inputs: nothing });
    await together([...crew.keys()], (name) => removeImagesOn({ ...work, inputs: nothing }, name));
  });
}

const hostsOf = (inputs: ReleaseInputs, crew: Crew): ReleaseInputs["hosts"] =>
  Object.fromEntries(Object.entries(inputs.hosts).filter(([name]) => crew.has(name)));

/** The hosts that answer. One that is gone for good must not keep the rest of the app alive. */
export async function reachable(inputs: ReleaseInputs, run: Run): Promise<Crew> {
  const answers = await Promise.all(
    [...crewOf(inputs, run)].map(async ([name, host]) => {
      try {
        await host.connect();
        return [[name, host] as const];
      } catch (thrown) {
        run.report.warn(`${name} cannot be reached and keeps what runs there: ${messageOf(thrown).split("\n", 1)[0]}`);
        return [];
      }
    }),
  );
  return new Map(answers.flat());
}
