import type { ContainerOptions } from "../../core/container/options.ts";
/**
 * One accessory (a database, a cache, another service beside the app) on one host.
 *
 * Owns its container, the candidate `<name>-next` during a replacement, its volumes, its folder below the home of the SSH user, and its
 * route. Never touches a container of others under its name, a folder declared by a full path, or, unless `data: delete` is declared,
 * its data.
 * Operations: network, end-restore, discard, revive, create, stop, start, prove, set-limits, remove, rename, reset-limits, route, unroute.
 */
import { reasonOf, SlipwayError } from "../../core/error.ts";
import { canonical, omitUndefined } from "../../core/values.ts";
import { isSameMachine } from "../../hosts/index.ts";
import { BILLION, editsOf } from "../container/limits.ts";
import { notLookedAt } from "../pulumi/first-look.ts";
import type { Intent, Planned, Provider, Reading, Run, Shown } from "../pulumi/provider.ts";
import { unreachableText, warnIfUnobserved } from "../steps/finding.ts";
import { beforeServer, reachable, withDocker } from "../steps/withdraw.ts";
import { isAlone } from "./alone.ts";
import { applyAccessory } from "./apply.ts";
import { claimOfContainer } from "./claim.ts";
import { measure } from "./data.ts";
import { describePlan } from "./describe.ts";
import type { FoundAccessory, FoundContainer, ObservedAccessory } from "./found.ts";
import { AccessoryInputs, AccessoryState } from "./inputs.ts";
import { observeAccessory, readAccessory } from "./observe.ts";
import { clashesOf, foreignRivalsOf, planAccessory } from "./plan.ts";
import { AccessoryRemains } from "./remains.ts";
import { withdrawAccessory } from "./withdraw.ts";

const NOT_SEEN: ObservedAccessory = { kind: "present", helpers: [], network: true, rivals: [], volumes: [], foreignVolumes: [] };

const obstaclesOf = (found: ObservedAccessory) => [...clashesOf(found), ...foreignRivalsOf(found)];

export const accessoryProvider: Provider<AccessoryInputs, AccessoryState> = {
  inputs: AccessoryInputs,
  state: AccessoryState,
  remains: AccessoryRemains,
  id: ({ host, container }) => `${host.name}:${container}`,
  plan,
  foresee,
  isNewThere: (inputs, state) => ofThisMachine(inputs, state) === undefined,
  converge: async (inputs, state, run) => {
    const left = state === undefined || isSameMachine(inputs.host, state.host) ? undefined : leftBy(state);
    // Before anything is changed: the old machine might go on to run it, beside the new one.
    const old = left === undefined ? "is left alone" : await askOldMachine(left, run);
    const after = await applyAccessory(inputs, ofThisMachine(inputs, state), run);
    if (left !== undefined && old === "answers") await leave(left, after, run);
    return after;
  },
  read: observe,
  claims: ({ host, container }) => [claimOfContainer(host, container)],
  withdraw: withdrawAccessory,
};

/** What was found on another machine says nothing about this one. */
const ofThisMachine = (inputs: AccessoryInputs, state: AccessoryState | undefined): AccessoryState | undefined =>
  state !== undefined && isSameMachine(inputs.host, state.host) ? state : undefined;

function plan(inputs: AccessoryInputs, state: AccessoryState | undefined): Intent {
  if (state?.found.kind === "unreachable")
    return { changes: true, text: `${inputs.accessory} on ${inputs.host.name}   ${unreachableText(state.found)}` };
  if (state !== undefined && state.container !== inputs.container) return renamed(inputs, state);
  const here = ofThisMachine(inputs, state);
  const found = here?.found.kind === "present" ? here.found : NOT_SEEN;
  const operations = planAccessory(inputs, found);
  const isRedeclared = state !== undefined && canonical(AccessoryInputs.parse(state)) !== canonical(inputs);
  const text = describePlan(operations, inputs, here, found);
  const moved = state !== undefined && here === undefined ? [movedNote(inputs, state)] : [];
  return {
    changes: operations.length > 0 || obstaclesOf(found).length > 0 || isRedeclared,
    text: [text, ...moved].join("\n"),
  };
}

/** What is under its name now: nothing, or what Kamal, a run that died, or another user left there. */
function foresee(inputs: AccessoryInputs, { found }: AccessoryState, { text, state }: Planned<AccessoryState>): string {
  if (found.kind === "unreachable") return notLookedAt(text, found.reason);
  const moved = state === undefined ? [] : [movedNote(inputs, state)];
  return [describePlan(planAccessory(inputs, found), inputs, undefined, found), ...moved].join("\n");
}

/**
 * Volumes and folders are named after the container: under a new name it would not find its data, and the old one is removed first.
 * So it is refused, unless the data is mounted by name, does not exist, or beginning without it is declared.
 */
function renamed(inputs: AccessoryInputs, state: AccessoryState): Intent {
  const data = state.found.kind === "present" ? (state.found.main?.mounts ?? []).map(({ source }) => source) : [];
  const mounted = new Set(inputs.mounts.map(({ source }) => source));
  const lost = data.filter((source) => state.data === "delete" || !mounted.has(source));
  if (lost.length > 0 && inputs.startEmpty !== true) throw wouldLeave(inputs, state, lost);
  const text = describePlan(planAccessory(inputs, NOT_SEEN), inputs, undefined, NOT_SEEN);
  const note = `  ${state.container} becomes ${inputs.container}: the old one is removed first, its data stays (${data.join(", ") || "none"})`;
  return { changes: true, replace: { because: ["container"], first: "delete" }, text: `${text}\n${note}` };
}

const wouldLeave = (inputs: AccessoryInputs, state: AccessoryState, lost: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "ACCESSORY_DATA_AT_RISK",
    what: `${state.container} would become ${inputs.container}, and start without its data in ${lost.join(", ")}`,
    host: inputs.host.name,
    evidence: isAlone(state)
      ? ["the stack's name is in its name unless service says otherwise"]
      : [
          `service and destination are in its name; the destination is the stack's name unless slipway:destination says otherwise`,
        ],
    servesNow: `${state.container}, untouched`,
    next: `keep its name: ${nameText(state)}; or mount the data by name in slipway:accessories.${inputs.accessory}.volumes${state.data === "delete" ? ", after a run with data: keep" : ""}; or begin without it: start_empty: true`,
  });

/** What is written so that it has this name. */
const nameText = (state: AccessoryState): string =>
  isAlone(state)
    ? `service: "${state.container}" in its arguments`
    : `slipway:service: ${state.service}, slipway:destination: ${state.destination ?? "none"}`;

const movedNote = ({ host }: AccessoryInputs, state: AccessoryState): string =>
  `  ${host.name} was at ${state.host.address}: if that is a different machine, the container there is stopped and removed; its data stays there`;

const leftBy = (state: AccessoryState): AccessoryState => ({
  ...state,
  host: { ...state.host, name: `${state.host.name} at ${state.host.address}` },
});

/** Asks the machine that the accessory leaves, unless it is given up, or was a server of this stack, which is deleted with all that it has. */
async function askOldMachine(there: AccessoryState, run: Run): Promise<"answers" | "is left alone"> {
  const { host, accessory } = there;
  const what = `the accessory ${accessory}`;
  const ask = async () => {
    const [old] = await reachable([host], what, run);
    if (old === undefined) return "is left alone";
    const found = await withDocker(old, what, run, () => observeAccessory(there, old, there.proxy !== undefined));
    return found === undefined ? "is left alone" : "answers";
  };
  return host.made === true ? ((await beforeServer({ host, what }, run, ask)) ?? "is left alone") : ask();
}

/** The new address may belong to the same machine: then the container found there is the one that was just started. */
async function leave(there: AccessoryState, after: AccessoryState, run: Run): Promise<void> {
  const found = await observeAccessory(there, run.hosts.at(there.host), there.proxy !== undefined);
  const kept = await run.declared([claimOfContainer(there.host, there.container)]);
  if (kept.length === 0 && found.main !== undefined && found.main.id !== idOf(after))
    await withdrawAccessory(AccessoryInputs.parse({ ...there, data: "keep" }), run);
}

const idOf = ({ found }: AccessoryState): string | undefined => (found.kind === "present" ? found.main?.id : undefined);

async function observe(
  declared: AccessoryInputs,
  run: Run,
  before: AccessoryState | undefined,
): Promise<Reading<AccessoryState>> {
  const host = run.hosts.at(declared.host);
  const found = await readAccessory(declared, host);
  warnIfUnobserved(host.name, found, run);
  const known = { digest: before?.digest ?? "", folder: before?.folder ?? "", kept: before?.kept ?? {} };
  const history = omitUndefined({ gap: before?.gap, ofKamal: before?.ofKamal });
  const state: AccessoryState = { ...declared, ...known, ...history, found, ...(await bytesOf(declared, found, before, run)) };
  if (found.kind === "present" && planAccessory(declared, found).length + obstaclesOf(found).length === 0)
    return { found: "same", state };
  return { found: "drift", state, inputs: { ...declared, ...whatRuns(declared, found) } };
}

/** Measured only with `data: delete`: a database has many files. */
async function bytesOf(
  declared: AccessoryInputs,
  found: FoundAccessory,
  before: AccessoryState | undefined,
  run: Run,
): Promise<Pick<AccessoryState, "bytes">> {
  if (declared.data === "keep" || found.kind === "unreachable") return before?.bytes === undefined ? {} : { bytes: before.bytes };
  const host = run.hosts.at(declared.host);
  try {
    return { bytes: await measure(declared, { found, folder: before?.folder ?? "" }, host) };
  } catch (thrown) {
    // The size is only shown; no decision depends on it.
    run.report.warn(`${host.name}: the data of ${declared.accessory} could not be measured: ${reasonOf(thrown, host.name)}`);
    return {};
  }
}

/** Under the keys of the inputs. It is shown, never converged, so it need not be what one may write there. */
function whatRuns(declared: AccessoryInputs, found: FoundAccessory): Shown {
  if (found.kind === "unreachable") return { status: unreachableText(found) };
  const [clash] = clashesOf(found);
  const [rival] = foreignRivalsOf(found);
  if (rival !== undefined) return { status: `${rival.name} of ${rival.whose} writes to ${rival.source} as well` };
  if (clash !== undefined) return { status: `the name belongs to ${clash.whose}` };
  const { main, next, restore } = found;
  if (restore !== undefined) return { status: `a restore from ${restore.backup} was not seen to its end` };
  if (main === undefined)
    return { status: next === undefined ? "missing" : `interrupted replacement: ${next.name} is ${next.status}` };
  const interrupted = next === undefined ? "" : `; interrupted replacement: ${next.name} is ${next.status}`;
  return {
    image: main.image,
    status: `${main.status}${interrupted}`,
    ...(main.spec === declared.spec ? {} : { spec: main.spec === "" ? `created by ${main.of}` : main.spec }),
    ...(main.status === "running" ? limitsNow(declared, main) : {}),
    ...(declared.proxy !== undefined && found.route === undefined ? { proxy: "missing" } : {}),
  };
}

function limitsNow({ options }: AccessoryInputs, main: FoundContainer): { options?: ContainerOptions } {
  if (editsOf(main.limits, options).length === 0) return {};
  const { memory: _memory, cpus: _cpus, ...others } = options;
  const { restart, memory, nanoCpus } = main.limits;
  return {
    options: {
      ...others,
      restart: { ...options.restart, name: restart.name as ContainerOptions["restart"]["name"] },
      ...(memory === 0 ? {} : { memory }),
      ...(nanoCpus === 0 ? {} : { cpus: nanoCpus / BILLION }),
    },
  };
}
