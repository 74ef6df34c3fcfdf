import { messageOf, SlipwayError } from "../../core/error.ts";
import { ConnectionLost, type Container, type Host } from "../../hosts/index.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { requireLimitSupport } from "../container/limit-support.ts";
import { requireNetworks } from "../container/networks.ts";
import { requireFreePorts } from "../container/ports.ts";
import type { Run } from "../pulumi/provider.ts";
import { askFor, awaitedOn } from "../steps/certificate.ts";
import { withLeases } from "../steps/lease.ts";
import { throughLosses } from "../steps/reconnect.ts";
import { measure } from "./data.ts";
import { bytesText, describe, plannedGap, secondsText } from "./describe.ts";
import { endRestore } from "./end-restore.ts";
import { PLANNED } from "./events.ts";
import type { FoundContainer, FoundRival, ObservedAccessory } from "./found.ts";
import type { AccessoryInputs, AccessoryState } from "./inputs.ts";
import { keptOf } from "./mounts.ts";
import { observeAccessory } from "./observe.ts";
import { only } from "./operation.ts";
import { type AccessoryOperation, nextOf, planAccessory } from "./plan.ts";
import { refuseClashes } from "./refuse-clashes.ts";
import { refuseRivals } from "./refuse-rivals.ts";
import { removeUnusedImages } from "./remove-images.ts";
import { rollBack } from "./roll-back.ts";
import { servesNow } from "./serves-now.ts";
import { perform } from "./step.ts";
import { Gap, type Learned, type Work } from "./work.ts";

/**
 * Brings the accessory of one host to what is declared, from any condition. A run may die after any step: the names, labels and states
 * of its two containers show the next run what was done, and no step ever removes data.
 *
 * @param state of this machine, if known
 */
export async function applyAccessory(
  inputs: AccessoryInputs,
  state: AccessoryState | undefined,
  run: Run,
): Promise<AccessoryState> {
  const host = run.hosts.at(inputs.host);
  const gap = new Gap();
  const learned: Learned = {
    digest: state?.image === inputs.image ? state.digest : "",
    folder: state?.folder ?? "",
  };
  const first = new OldContainer();
  const rivals = new Map<string, FoundRival>();
  const attempt = () =>
    withLeases([host], run, async () => {
      await endRestore(inputs, { host, run });
      const look = () => observeAccessory(inputs, host, isRouted(inputs, state));
      const found = await renamed(inputs, host, await look(), look);
      await refuseRivals(inputs, found, run);
      const old = first.remember(found.main);
      for (const rival of found.rivals) rivals.set(rival.id, rival);
      const work: Work = { inputs, state, host, run, gap, learned, old, rivals: [...rivals.values()] };
      noteDigest(work, found);
      const operations = planAccessory(inputs, found);
      PLANNED.publish({ host: host.name, operations });
      if (only(operations, "stop").length > 0) await requirePorts(work, found);
      if (operations.length > 0) await requireSupport(inputs, host);
      await carryOut(operations, work, found);
      const after = await look();
      requireDone(work, after);
      report(work, after, operations);
      return { found, after: finished(work, after) };
    });
  const where = () => ({ host: host.name, servesNow: servesNow({ inputs, old: first.container }, "as far as is known") });
  const { found, after } = await throughLosses(run.report, where, attempt);
  await askFor(awaitedOn(host.name, inputs.proxy, found.route?.options), () => host, run);
  return after;
}

/** What the host has to have for its options. */
async function requireSupport({ options, accessory }: AccessoryInputs, host: Host): Promise<void> {
  const keyOf = `slipway:accessories.${accessory}.options`;
  await requireLimitSupport(options, host, keyOf);
  await requireNetworks(host, [{ networks: options.networks ?? [], keyOf: `${keyOf}.network` }]);
}

/** Before the old container is stopped for a new one that could not start. */
function requirePorts({ inputs, host }: Work, { main, next }: ObservedAccessory): Promise<void> {
  const isReplaced = ({ id }: Container) => id === main?.id || id === next?.id;
  return requireFreePorts(host, [{ ports: inputs.publish, isReplaced, keyOf: `slipway:accessories.${inputs.accessory}.port` }]);
}

/** If the only container still has the name of a candidate, it is renamed before it is replaced: from then on it is the old one. */
async function renamed(
  inputs: AccessoryInputs,
  host: Host,
  found: ObservedAccessory,
  look: () => Promise<ObservedAccessory>,
): Promise<ObservedAccessory> {
  refuseClashes(inputs, found);
  const first = planAccessory(inputs, found).find((operation) => "container" in operation);
  if (found.next === undefined || first?.do !== "rename") return found;
  PLANNED.publish({ host: host.name, operations: [first] });
  await host.docker.rename(found.next.id, first.to);
  return look();
}

const isRouted = (inputs: AccessoryInputs, state: AccessoryState | undefined): boolean =>
  inputs.proxy !== undefined || state?.proxy !== undefined;

/** The container that served before the first change of this run, even across lost connections. */
class OldContainer {
  #asked = false;
  #container: FoundContainer | undefined;

  remember(container: FoundContainer | undefined): FoundContainer | undefined {
    if (!this.#asked || container === undefined || container.id !== this.#container?.id) this.#container = container;
    this.#asked = true;
    return this.#container;
  }

  get container(): FoundContainer | undefined {
    return this.#container;
  }
}

/** If the state has no digest, a container of the same declared image has it. */
function noteDigest({ inputs, learned }: Work, { main, next }: ObservedAccessory): void {
  const known = [main, next].find((container) => container?.of === "ours" && container.image === inputs.image);
  if (learned.digest === "" && known !== undefined) learned.digest = known.digest;
}

/** Steps after which the candidate serves. */
const TAKEN_OVER: ReadonlySet<AccessoryOperation["do"]> = new Set(["remove", "rename", "reset-limits", "route", "unroute"]);

async function carryOut(operations: readonly AccessoryOperation[], work: Work, found: ObservedAccessory): Promise<void> {
  const { inputs, run } = work;
  let stopped = found.main?.running === false;
  for (const operation of operations) {
    run.report.status(describe(operation, inputs));
    if (operation.do === "stop") stopped = true;
    try {
      // Before the name, which says that the replacement is over: a later run would not look for images any more.
      if (operation.do === "rename") await removeUnusedImages(inputs, work.host, run);
      await perform(operation, work, found);
    } catch (thrown) {
      if (thrown instanceof ConnectionLost) throw thrown;
      const isOfCandidate = "container" in operation && operation.container === nextOf(inputs);
      const isOfReplace =
        operation.do === "stop" || operation.do === "stop-rival" || (isOfCandidate && !TAKEN_OVER.has(operation.do));
      throw isOfReplace ? await rollBack(work, thrown, stopped) : failed(operation, work, thrown);
    }
  }
}

/** The error of a step that needs no rollback. */
function failed(operation: AccessoryOperation, work: Work, thrown: unknown): SlipwayError {
  if (thrown instanceof SlipwayError) return thrown;
  const { inputs, host } = work;
  const evidence = thrown instanceof CandidateFailed ? thrown.evidence : [];
  return new SlipwayError(
    {
      code: "ACCESSORY_FAILED",
      what: `${inputs.accessory}: ${describe(operation, inputs)}: ${messageOf(thrown)}`,
      host: host.name,
      evidence,
      servesNow:
        operation.do === "start" || operation.do === "prove"
          ? `nothing of ${inputs.accessory}`
          : `${inputs.accessory}, as before this step`,
      next: "fix what the evidence shows, then run pulumi up again: it continues from what it finds",
    },
    { cause: thrown },
  );
}

/** Success is what was observed, not what was requested. */
function requireDone(work: Work, after: ObservedAccessory): void {
  const left = planAccessory(work.inputs, after);
  if (left.length === 0) return;
  const { inputs, host } = work;
  throw new SlipwayError({
    code: "HOSTS_CHANGED",
    what: `${inputs.accessory} changed while this run was verifying it`,
    host: host.name,
    evidence: ["still to do:", ...left.map((operation) => describe(operation, inputs))],
    servesNow: after.main?.status === "running" ? `${after.main.name} (${after.main.image})` : `nothing of ${inputs.accessory}`,
    next: `find out what else is changing ${host.name}, then run pulumi up again`,
  });
}

/** As mounted, so that the work of a run that died counts too. */
function keptBy(inputs: AccessoryInputs, { main }: ObservedAccessory, folder: string): Record<string, string> {
  const mounts = main?.mounts ?? [];
  const volumes = mounts.filter(({ kind }) => kind === "volume").map(({ target }) => target);
  return keptOf(inputs, volumes, { folder, old: mounts, kept: {} });
}

function report(
  { inputs, state, run, gap, learned }: Work,
  after: ObservedAccessory,
  operations: readonly AccessoryOperation[],
): void {
  const where = `${inputs.accessory} on ${inputs.host.name}`;
  if (gap.soFar !== undefined) {
    const planned = secondsText(plannedGap(inputs, state?.gap));
    run.report.say(`${where}: replaced, gap ${secondsText(gap.soFar)} (planned about ${planned})`);
  }
  if (operations.some((operation) => operation.do === "create"))
    for (const [target, source] of Object.entries(keptBy(inputs, after, learned.folder)))
      run.report.say(`${where}: the data of ${target} stays in ${source}`);
}

async function finished({ inputs, state, host, run, gap, learned }: Work, found: ObservedAccessory): Promise<AccessoryState> {
  const { digest, folder } = learned;
  const measured = gap.soFar ?? state?.gap;
  const bytes = inputs.data === "delete" ? await measure(inputs, { found, folder }, host) : undefined;
  if (bytes !== undefined && state?.data !== "delete")
    run.report.say(`${inputs.accessory} on ${host.name}: data: delete: removing it also removes ${bytesText(bytes)}`);
  return {
    ...inputs,
    found,
    folder,
    kept: keptBy(inputs, found, folder),
    digest: found.main?.digest || digest,
    ...(found.main?.of === "kamal" ? { ofKamal: true as const } : {}),
    ...(measured === undefined ? {} : { gap: Math.round(measured * 10) / 10 }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
