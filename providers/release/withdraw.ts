import { appName } from "../../core/names.ts";
import type { HostName } from "../../core/words.ts";
import { DockerUnavailable, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { explainingLoss, type Failure, reachable, requireAsked } from "../steps/withdraw.ts";
import { claimsOf } from "./claim.ts";
import { PLANNED } from "./events.ts";
import type { Fleet, FoundHost } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { observeHost } from "./observe.ts";
import { planRelease } from "./plan.ts";
import { cleanUp, prepare } from "./steps.ts";
import { Stopwatch } from "./stopwatch.ts";
import { UndoLog } from "./undo-log.ts";
import { Work } from "./work.ts";

/** Removes the app from its hosts: routes, containers, images, volumes of assets. What is missing is no error; a host that cannot be asked is. */
export async function withdrawRelease(inputs: ReleaseInputs, run: Run): Promise<void> {
  const kept = new Set((await run.declared(claimsOf(inputs))).map(({ host }) => host.name));
  const leaving = Object.fromEntries(Object.entries(inputs.hosts).filter(([name]) => !kept.has(name)));
  const targets = await askable({ ...inputs, hosts: leaving }, run);
  const whatIs: ReleaseInputs = { ...inputs, hosts: addressesOf(targets) };
  const nothing = withoutApp(whatIs);
  const remove = async () => {
    const before = await observe(whatIs, targets, run);
    const plan = planRelease(nothing, before);
    PLANNED.publish(plan);
    const byName = new Map(targets.map((host) => [host.name, host]));
    // The grace of each role is in the plan; what is labelled for the app is found by its inputs.
    const work = new Work({
      inputs,
      targets: byName,
      run,
      watch: new Stopwatch(),
      before,
      plan,
      ready: [],
      undo: new UndoLog(before),
    });
    await prepare(work);
    await cleanUp(work);
  };
  await explainingLoss(whatOf(inputs), Object.values(inputs.hosts), run, () => withLeases(targets, run, remove));
}

/** What is wanted of hosts that the app is removed from. */
export function withoutApp(inputs: ReleaseInputs): ReleaseInputs {
  const { canary: _canary, maintenance: _maintenance, releaseCommand: _command, ...app } = inputs;
  return { ...app, roles: {}, containers: {}, routes: {}, proxyFiles: {} };
}

/** The hosts of `inputs` that the app can be removed from. Throws if there is one that must not be left alone. */
export const askable = (inputs: Pick<ReleaseInputs, "service" | "destination" | "hosts">, run: Run): Promise<Host[]> =>
  reachable(Object.values(inputs.hosts), whatOf(inputs), run);

const whatOf = (inputs: Parameters<typeof appName>[0]): string => `the app ${appName(inputs)}`;

export const addressesOf = (hosts: readonly Host[]): ReleaseInputs["hosts"] =>
  Object.fromEntries(hosts.map(({ name, address }) => [name, address]));

/** A host without Docker runs nothing of the app. */
async function observe(inputs: ReleaseInputs, targets: readonly Host[], run: Run): Promise<Fleet> {
  const failures: Failure[] = [];
  const look = async (host: Host): Promise<[HostName, FoundHost][]> => {
    try {
      return [[host.name, await observeHost(inputs, host)]];
    } catch (thrown) {
      if (!(thrown instanceof DockerUnavailable && thrown.kind === "missing")) failures.push({ address: host.address, thrown });
      return [];
    }
  };
  const found = await Promise.all(targets.map(look));
  requireAsked(whatOf(inputs), failures, run);
  return Object.fromEntries(found.flat());
}
