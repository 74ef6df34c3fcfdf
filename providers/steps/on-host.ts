import type { z } from "zod";
import { canonical } from "../../core/values.ts";
import { type Address, type Hosts, isSameMachine } from "../../hosts/index.ts";
import { notLookedAt } from "../pulumi/first-look.ts";
import type { Intent, Provider, Reading, Run, Shown } from "../pulumi/provider.ts";
import { DRIFT, type DriftMark } from "./drift.ts";
import { isUnobserved, warnIfUnobserved } from "./finding.ts";
import { throughLosses } from "./reconnect.ts";

interface Inputs {
  readonly host: Address;
}
interface Found {
  readonly kind: string;
}
type State<I, F> = I & { readonly found: F };

/** What differs between providers of one thing on one host. `O` is one change to it; the order of a plan is the order of execution. */
interface OnHost<I extends Inputs, F extends Found, S extends State<I, F>, O> {
  readonly inputs: z.ZodType<I>;
  readonly state: z.ZodType<S>;
  readonly remains?: z.ZodType<I>;
  /** Of the thing on its host: `kamal-proxy`. */
  readonly noun: string | ((inputs: I) => string);
  /**
   * The state with what is found on the host; an unreachable host is a finding.
   *
   * @param before of this machine; absent before the first run and in state of another version
   */
  readonly read: (inputs: I, hosts: Hosts, before: S | undefined) => Promise<S>;
  /** Why nothing can be planned: the host is unreachable, or does not let us look. */
  readonly obstacle: (found: F) => string | undefined;
  /** @param declared what was declared when it was last converged; absent in a refresh */
  readonly plan: (inputs: I, found: F, declared?: S) => readonly O[];
  readonly describe: (operation: O, inputs: I, drift: DriftMark) => string;
  /** The plan before anything was observed on that machine. */
  readonly describeUnseen: (inputs: I) => string;
  /** What a first plan says where it is found as declared; empty: nothing at all. */
  readonly describeAsDeclared?: string;
  /** A finding that no operation names: `Docker found missing (drift)`. */
  readonly describeDrift?: (found: F) => readonly string[];
  /** Lines below the plan. */
  readonly notes?: (inputs: I) => readonly string[];
  /** Whether the state must be written again though nothing changes on the host. Another way to reach the host always is. */
  readonly isRedeclared?: (inputs: I, state: S) => boolean;
  /** What is found, under the keys of the inputs: shown as drift, never converged. */
  readonly shown: (inputs: I, found: F) => Shown;
  readonly warnings?: (inputs: I, found: F) => readonly string[];
  /** `replace`: create it there, then withdraw it from the old machine. `update`: the old machine keeps it. */
  readonly onNewMachine: "replace" | "update";
  /** Called again after a lost connection, so it goes on from what it finds. @param state of this machine; absent on a new one */
  readonly converge: (inputs: I, state: S | undefined, run: Run) => Promise<S>;
  readonly withdraw: (inputs: I, run: Run) => Promise<void>;
}

const AS_FAR_AS_KNOWN = "what served before, as far as is known";

/** The provider of one thing on one host, such as its proxy or its firewall. */
export function onHost<I extends Inputs, F extends Found, S extends State<I, F>, O>(thing: OnHost<I, F, S, O>): Provider<I, S> {
  const { inputs, state, converge, withdraw } = thing;
  const nounOf = (inputs: I) => (typeof thing.noun === "string" ? thing.noun : thing.noun(inputs));
  return {
    inputs,
    state,
    ...(thing.remains === undefined ? {} : { remains: thing.remains }),
    id: (inputs) => `${inputs.host.name}:${nounOf(inputs)}`,
    plan: (inputs, state) => intentOf(thing, inputs, state),
    foresee: (inputs, seen, planned) => foreseen(thing, inputs, seen, planned.text),
    isNewThere: (inputs, state) => ofThisMachine(inputs, state) === undefined,
    converge: (inputs, state, run) => {
      const where = () => ({ host: inputs.host.name, servesNow: AS_FAR_AS_KNOWN });
      return throughLosses(run.report, where, () => converge(inputs, ofThisMachine(inputs, state), run));
    },
    read: (inputs, run, state) => read(thing, inputs, run, ofThisMachine(inputs, state)),
    claims: (inputs) => [{ host: inputs.host, thing: nounOf(inputs) }],
    withdraw,
  };
}

function intentOf<I extends Inputs, F extends Found, S extends State<I, F>, O>(
  thing: OnHost<I, F, S, O>,
  inputs: I,
  state: S | undefined,
): Intent {
  const { name } = inputs.host;
  const notes = thing.notes?.(inputs) ?? [];
  const text = (plan: string, where = name) => [`${where}   ${plan}`, ...notes].join("\n  ");
  if (state === undefined) return { changes: true, text: text(thing.describeUnseen(inputs)) };
  if (ofThisMachine(inputs, state) === undefined) {
    const moved = { changes: true, text: text(thing.describeUnseen(inputs), `${name} now points to a different machine`) };
    return thing.onNewMachine === "update" ? moved : { ...moved, replace: { because: ["host"], first: "create" } };
  }
  const obstacle = thing.obstacle(state.found);
  if (obstacle !== undefined) return { changes: true, text: `${name}   ${obstacle}` };
  const operations = thing.plan(inputs, state.found, state);
  const drift = thing.describeDrift?.(state.found) ?? [];
  const steps = [...drift, ...operations.map((operation) => thing.describe(operation, inputs, DRIFT))];
  const isRedeclared = canonical(state.host) !== canonical(inputs.host) || thing.isRedeclared?.(inputs, state) === true;
  return { changes: operations.length > 0 || isRedeclared, text: text(steps.join(" · ") || "no change on the host") };
}

/** What a first run will do on a host that was looked at. */
function foreseen<I extends Inputs, F extends Found, S extends State<I, F>, O>(
  thing: OnHost<I, F, S, O>,
  inputs: I,
  { found }: S,
  unseen: string,
): string {
  if (isUnobserved(found)) return notLookedAt(unseen, found.reason);
  const { name } = inputs.host;
  const obstacle = thing.obstacle(found);
  if (obstacle !== undefined) return `${unseen}\n  ${name}: ${obstacle}`;
  const steps = thing.plan(inputs, found).map((operation) => thing.describe(operation, inputs, ""));
  const { describeAsDeclared = "as declared already: nothing changes on the host" } = thing;
  const what = steps.length === 0 ? describeAsDeclared : steps.join(" · ");
  return [...(what === "" ? [] : [`${name}   ${what}`]), ...(thing.notes?.(inputs) ?? [])].join("\n  ");
}

async function read<I extends Inputs, F extends Found, S extends State<I, F>, O>(
  thing: OnHost<I, F, S, O>,
  inputs: I,
  run: Run,
  before: S | undefined,
): Promise<Reading<S>> {
  const state = await thing.read(inputs, run.hosts, before);
  const { found } = state;
  warnIfUnobserved(inputs.host.name, found, run);
  for (const warning of thing.warnings?.(inputs, found) ?? []) run.report.warn(`${inputs.host.name}: ${warning}`);
  const isAsDeclared = thing.obstacle(found) === undefined && thing.plan(inputs, found).length === 0;
  return isAsDeclared
    ? { found: "same", state }
    : { found: "drift", state, inputs: { ...inputs, ...thing.shown(inputs, found) } };
}

/** What was found on another machine says nothing about this one. */
const ofThisMachine = <S extends Inputs>({ host }: Inputs, state: S | undefined): S | undefined =>
  state !== undefined && isSameMachine(state.host, host) ? state : undefined;
