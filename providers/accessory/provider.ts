import type { ContainerOptions } from "../../core/container/options.ts";
import { reasonOf } from "../../core/error.ts";
import { canonical } from "../../core/values.ts";
import { isSameMachine } from "../../hosts/index.ts";
import { BILLION, editsOf } from "../container/limits.ts";
import type { Intent, Provider, Reading, Run, Shown } from "../pulumi/provider.ts";
import { applyAccessory } from "./apply.ts";
import { measure } from "./data.ts";
import { describePlan } from "./describe.ts";
import type { FoundAccessory, FoundContainer, Reached } from "./found.ts";
import { AccessoryInputs, AccessoryState } from "./inputs.ts";
import { readAccessory } from "./observe.ts";
import { clashesOf, planAccessory } from "./plan.ts";
import { withdrawAccessory } from "./withdraw.ts";

const NOT_SEEN: Reached = { kind: "present", helpers: [], network: true, volumes: [] };

export const accessoryProvider: Provider<AccessoryInputs, AccessoryState> = {
  inputs: AccessoryInputs,
  state: AccessoryState,
  id: ({ host, container }) => `${host.name}:${container}`,
  plan,
  converge: async (inputs, state, run) => {
    const after = await applyAccessory(inputs, ofThisMachine(inputs, state), run);
    if (state !== undefined && !isSameMachine(inputs.host, state.host)) await leave(state, after, run);
    return after;
  },
  read: observe,
  withdraw: withdrawAccessory,
};

/** What was seen of another machine says nothing about this one. */
const ofThisMachine = (inputs: AccessoryInputs, state: AccessoryState | undefined): AccessoryState | undefined =>
  state !== undefined && isSameMachine(inputs.host, state.host) ? state : undefined;

function plan(inputs: AccessoryInputs, state: AccessoryState | undefined): Intent {
  if (state?.found.kind === "unreachable")
    return { changes: true, text: `${inputs.accessory} on ${inputs.host.name}   unreachable: ${state.found.reason}` };
  if (state !== undefined && state.container !== inputs.container) return renamed(inputs, state);
  const here = ofThisMachine(inputs, state);
  const found = here?.found.kind === "present" ? here.found : NOT_SEEN;
  const operations = planAccessory(inputs, found);
  const isDeclaredAnew = state !== undefined && canonical(AccessoryInputs.parse(state)) !== canonical(inputs);
  const text = describePlan(operations, inputs, here, found);
  const moved = state !== undefined && here === undefined ? [movedNote(inputs, state)] : [];
  return {
    changes: operations.length > 0 || clashesOf(found).length > 0 || isDeclaredAnew,
    text: [text, ...moved].join("\n"),
  };
}

/** Names of volumes and folders are made of the container's: under another one it finds none of its data. */
function renamed(inputs: AccessoryInputs, state: AccessoryState): Intent {
  const data = state.found.kind === "present" ? (state.found.main?.mounts ?? []).map(({ source }) => source) : [];
  const stays =
    state.data === "keep"
      ? `its data stays (${data.join(", ") || "none"})`
      : `data: delete: its data goes (${data.join(", ") || "none"})`;
  const text = describePlan(planAccessory(inputs, NOT_SEEN), inputs, undefined, NOT_SEEN);
  const note = `  ${state.container} becomes ${inputs.container}: the old one is removed first, ${stays}; the new one begins without it unless volumes: mounts it`;
  return { changes: true, replace: { because: ["container"], first: "delete" }, text: `${text}\n${note}` };
}

const movedNote = ({ host }: AccessoryInputs, state: AccessoryState): string =>
  `  ${host.name} was at ${state.host.address}: if that is another machine, what runs there is stopped and removed, and its data stays there`;

/** An address can have become another one of the same machine: there, what serves is what has just been brought up. */
async function leave(state: AccessoryState, after: AccessoryState, run: Run): Promise<void> {
  const there = { ...state, host: { ...state.host, name: `${state.host.name} at ${state.host.address}` } };
  const found = await readAccessory(there, run.hosts.at(there.host));
  if (found.kind === "unreachable") {
    run.report.warn(`${there.host.name} cannot be reached and keeps ${state.accessory}: ${found.reason}`);
    return;
  }
  if (found.main !== undefined && found.main.id !== idOf(after))
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
  const known = { digest: before?.digest ?? "", folder: before?.folder ?? "", kept: before?.kept ?? {} };
  const gap = before?.gap === undefined ? {} : { gap: before.gap };
  const state: AccessoryState = { ...declared, ...known, ...gap, found, ...(await bytesOf(declared, found, before, run)) };
  if (found.kind === "present" && planAccessory(declared, found).length + clashesOf(found).length === 0)
    return { found: "same", state };
  return { found: "drift", state, inputs: { ...declared, ...whatRuns(declared, found) } };
}

/** Counted only where it is to go one day: the files of a database are many. */
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
    // How much it is is told; it decides nothing.
    run.report.warn(`${host.name}: the data of ${declared.accessory} could not be counted: ${reasonOf(thrown, host.name)}`);
    return {};
  }
}

/** Under the keys of the inputs. It is shown, never converged, so it need not be what one may write there. */
function whatRuns(declared: AccessoryInputs, found: FoundAccessory): Shown {
  if (found.kind === "unreachable") return { status: `unreachable: ${found.reason}` };
  const [clash] = clashesOf(found);
  if (clash !== undefined) return { status: `the name is of ${clash.whose}` };
  const { main, next } = found;
  if (main === undefined)
    return { status: next === undefined ? "missing" : `a replace did not end: ${next.name} is ${next.status}` };
  const interrupted = next === undefined ? "" : `; a replace did not end: ${next.name} is ${next.status}`;
  return {
    image: main.image,
    status: `${main.status}${interrupted}`,
    ...(main.spec === declared.spec ? {} : { spec: main.spec === "" ? `made by ${main.of}` : main.spec }),
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
