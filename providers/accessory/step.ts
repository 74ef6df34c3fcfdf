import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Container, type Host } from "../../hosts/index.ts";
import { updatable } from "../container/body.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { stopInTime } from "../container/stop.ts";
import { describePortOwner } from "../proxy/port-owner.ts";
import { create } from "./create.ts";
import { endRestore } from "./end-restore.ts";
import type { ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { type AccessoryOperation, targetOf } from "./plan.ts";
import { prove } from "./proof.ts";
import type { Work } from "./work.ts";

/** Docker answers a stop when the container has exited, after SIGKILL if need be. */
const STOP_MARGIN: Seconds = 10;
const ROUTE_TIMEOUTS = { deploy: 30, drain: 30 } as const;

/** Executes one operation. A failure of a container is a `CandidateFailed`, with its last log lines. */
export async function perform(operation: AccessoryOperation, work: Work, found: ObservedAccessory): Promise<void> {
  const { inputs, host, gap } = work;
  const { docker } = host;
  switch (operation.do) {
    case "network":
      return docker.createNetwork(operation.network, { [STACK_LABEL]: inputs.stack });
    case "end-restore":
      return endRestore(inputs, work);
    case "discard":
      return discard(inputs, operation.id, work);
    case "revive":
      return revive(operation.id, work);
    case "create":
      return create(work, found);
    case "stop":
      gap.begin();
      return stopOld(inputs, operation.id, work);
    case "stop-rival":
      gap.begin();
      return stopOld(inputs, operation.id, work);
    case "start":
      return start(operation.container, host);
    case "prove": {
      const { id, name } = await inspect(operation.container, host);
      await prove(inputs, { id, name, host }, (seen) => work.run.report.status(seen));
      return gap.end();
    }
    case "set-limits":
      return docker.update((await inspect(operation.container, host)).id, updatable(inputs.options));
    case "remove":
      return docker.remove(operation.id, { force: true, anonymousVolumes: false });
    case "rename":
      return docker.rename((await inspect(operation.container, host)).id, operation.to);
    case "reset-limits":
      return docker.setLimits(operation.id, updatable(inputs.options));
    case "route":
      return route(inputs, host);
    case "unroute":
      return host.proxy.remove(operation.route);
  }
}

/** Stops it gracefully and removes it. Its anonymous volumes, if any, are kept: their contents are unknown. */
export async function discard(inputs: AccessoryInputs, id: string, at: Pick<Work, "host" | "run">): Promise<void> {
  const { docker } = at.host;
  const found = await docker.inspect(id);
  if (found?.state.running) await stop(inputs, found, at);
  await docker.remove(id, { force: true, anonymousVolumes: false });
}

/** It may be the container that was to be replaced because it cannot start, so a failure is only a warning. */
async function revive(id: string, { host, run }: Work): Promise<void> {
  await host.docker.start(id).catch((thrown: unknown) => {
    if (thrown instanceof ConnectionLost) throw thrown;
    run.report.warn(`${host.name}: the old container could not be started again: ${messageOf(thrown)}`);
  });
}

/** Without a restart policy, so that Docker does not start it beside its successor, for example after a reboot. */
async function stopOld(inputs: AccessoryInputs, id: string, at: Pick<Work, "host" | "run">): Promise<void> {
  const { docker } = at.host;
  const found = await docker.inspect(id);
  if (found === undefined) return;
  await docker.update(id, { restart: { name: "no" }, memory: 0, nanoCpus: 0 });
  await stop(inputs, found, at);
}

async function stop(
  { accessory, stopTimeout: grace }: AccessoryInputs,
  { id, name }: Container,
  { host, run }: Pick<Work, "host" | "run">,
): Promise<void> {
  const stopped = stopInTime(host, { id, name, grace, key: `slipway:accessories.${accessory}.stop_timeout` });
  const late = () => new Error(`it did not stop within ${grace + STOP_MARGIN} s, SIGKILL included`);
  const warning = await Deadline.in(grace + STOP_MARGIN).race(stopped, () => {
    stopped.catch(() => {});
    return late();
  });
  if (warning !== undefined) run.report.warn(warning);
}

async function start(name: string, host: Host): Promise<void> {
  const { id } = await inspect(name, host);
  await host.docker.start(id).catch(async (thrown: unknown) => {
    if (thrown instanceof ConnectionLost) throw thrown;
    const reason = messageOf(thrown);
    const owner = await describePortOwner(host, reason);
    const taken = owner === undefined ? [] : [`port ${owner.port}: ${owner.who}`];
    throw new CandidateFailed(host.name, `${name} could not be started`, [reason, ...taken]);
  });
}

async function route({ container, proxy }: AccessoryInputs, host: Host): Promise<void> {
  if (proxy === undefined) throw new TypeError("no route is declared");
  const { appPort, ...options } = proxy;
  await host.proxy.deploy(container, [targetOf(container, appPort)], options, ROUTE_TIMEOUTS);
}

async function inspect(name: string, host: Host): Promise<Container> {
  const container = await host.docker.inspect(name);
  if (container === undefined) throw new CandidateFailed(host.name, `${name} was removed by another program`, []);
  return container;
}
