import type { dynamic } from "@pulumi/pulumi";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { isMap } from "../../core/values.ts";
import { planWithLook } from "./first-look.ts";
import { claims, configure, forgottenNow, programRuns, reportFailure, reportFor, runFor, serve } from "./process.ts";
import type { Provider, Run } from "./provider.ts";
import type { Report } from "./report.ts";
import { upgraded } from "./upgrade.ts";

/** The engine's placeholder for a value that is unknown in a preview (`pulumi.runtime.unknownValue`, unchanged since 2018). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const PLAN_LATER = "no plan yet: it depends on values that are not known before the run";
/** Replaces it where a plan is possible all the same: of a machine that is not created yet, all but its address is known. */
const LATER = "known when it exists";

type Values = Record<string, unknown>;

/** Turns a `Provider` into what Pulumi's dynamic provider process calls. The provider is loaded with its first resource. */
export const adapt = <I extends object, S extends I>(
  load: () => Promise<Provider<I, S>>,
): dynamic.ResourceProvider<Values, Values> => new Adapter(load);

/**
 * Handles what is particular to that process, so that providers need not:
 * - it does not pass the URN, so the program passes it as `__urn`; hidden keys stay out of plans and are returned in outputs;
 * - values may be unknown in a preview: the known ones are planned all the same;
 * - state may come from another version: if it does not parse, the resource is read or converged from its inputs alone;
 * - a refresh calls `diff` too: the plan is printed only after the program's own `check`.
 */
class Adapter<I extends object, S extends I> implements dynamic.ResourceProvider<Values, Values> {
  readonly #load: () => Promise<Provider<I, S>>;

  constructor(load: () => Promise<Provider<I, S>>) {
    this.#load = load;
  }

  async configure({ config }: dynamic.ConfigureRequest): Promise<void> {
    configure(config);
  }

  check(olds: Values, news: Values): Promise<dynamic.CheckResult<Values>> {
    return serve(news, async () => {
      programRuns();
      claims.check(urnOf(news));
      const known = foreseen(news);
      if (hasUnknown(known)) return { inputs: news };
      const provider = await this.#load();
      const parsed = provider.inputs.safeParse(known);
      // Pulumi's own list of failures would print the values, including secrets.
      if (!parsed.success) throw badInputs(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
      const adopted = provider.adopt?.(olds, parsed.data);
      // The engine does not call `diff` for a resource that does not exist yet.
      if (isEmpty(olds) || adopted !== undefined) {
        const inputs = { ...parsed.data, ...adopted };
        const planned = { text: provider.plan(inputs, undefined, forgottenNow()).text, state: undefined };
        const isKnown = !hasUnknown(news);
        const text = isKnown ? await planWithLook(provider, inputs, planned, await runFor(urnOf(news))) : planned.text;
        print(reportFor(urnOf(news)), text);
      }
      return { inputs: { ...news, ...adopted } };
    });
  }

  diff(_id: string, olds: Values = {}, news: Values = {}): Promise<dynamic.DiffResult> {
    return serve(news, async () => {
      const report = reportFor(urnOf(news));
      const known = foreseen(news);
      if (hasUnknown(known)) {
        report.say(PLAN_LATER);
        return { changes: true };
      }
      const provider = await this.#load();
      const inputs = provider.inputs.safeParse(known);
      // After a saved refresh, the old inputs of the next one are the findings, which are not valid inputs.
      if (!inputs.success) return { changes: true };
      claims.keep(urnOf(news), provider.claims(inputs.data));
      const state = stateOf(provider, olds);
      const { changes, replace, text } = provider.plan(inputs.data, state, forgottenNow());
      if (hasUnknown(news)) {
        print(report, text);
        return { changes: true };
      }
      if (changes && claims.isChecked(urnOf(news))) {
        const isNew = state !== undefined && provider.isNewThere?.(inputs.data, state) === true;
        print(report, isNew ? await planWithLook(provider, inputs.data, { text, state }, await runFor(urnOf(news))) : text);
      }
      return { changes, replaces: [...(replace?.because ?? [])], deleteBeforeReplace: replace?.first === "delete" };
    });
  }

  create(news: Values): Promise<dynamic.CreateResult<Values>> {
    return serve(news, async () => {
      const provider = await this.#load();
      return { id: provider.id(provider.inputs.parse(news)), outs: await converge(provider, undefined, news) };
    });
  }

  update(_id: string, olds: Values = {}, news: Values = {}): Promise<dynamic.UpdateResult<Values>> {
    return serve(news, async () => {
      const provider = await this.#load();
      return { outs: await converge(provider, stateOf(provider, olds), news) };
    });
  }

  read(id: string, props: Values = {}): Promise<dynamic.ReadResult<Values>> {
    return serve(props, async () => {
      const provider = await this.#load();
      const own = upgraded(props, provider.upgrades);
      const declared = provider.inputs.safeParse(own);
      // Written by a version with other inputs: left as it is until the program declares it again.
      if (!declared.success) return { id, props };
      const reading = await provider.read(declared.data, await runFor(urnOf(props)), stateOf(provider, own));
      const outs = { ...hidden(props), ...reading.state };
      if (reading.found === "same") return { id, props: outs };
      return { id, props: outs, inputs: { ...hidden(props), ...reading.inputs } };
    });
  }

  delete(_id: string, props: Values = {}): Promise<void> {
    return serve(props, async () => {
      const provider = await this.#load();
      const own = upgraded(props, provider.upgrades);
      const known = provider.inputs.safeParse(own);
      if (known.success) return withdraw(provider, known.data, await runFor(urnOf(props)));
      if (provider.remains === undefined) return;
      const remains = provider.remains.safeParse(own);
      if (!remains.success) throw foreignState(urnOf(props));
      await withdraw(provider, remains.data, await runFor(urnOf(props)));
    });
  }
}

async function converge<I, S extends I>(provider: Provider<I, S>, state: S | undefined, news: Values): Promise<Values> {
  const run = await runFor(urnOf(news));
  const inputs = provider.inputs.parse(news);
  claims.keep(urnOf(news), provider.claims(inputs));
  try {
    return { ...hidden(news), ...(await provider.converge(inputs, state, run)) };
  } catch (thrown) {
    await reportFailure(thrown, urnOf(news), run.report);
    throw thrown;
  } finally {
    run.report.end();
  }
}

async function withdraw<I, S extends I>(provider: Provider<I, S>, declared: I, run: Run): Promise<void> {
  const all = provider.claims(declared);
  const kept = await run.declared(all);
  for (const { host, thing } of kept) run.report.say(`${host.name}: ${thing} stays: it is declared under another name`);
  if (all.length === 0 || kept.length < all.length) await provider.withdraw(declared, run);
}

function stateOf<I, S extends I>(provider: Provider<I, S>, values: Values): S | undefined {
  const parsed = provider.state.safeParse(upgraded(values, provider.upgrades));
  return parsed.success ? parsed.data : undefined;
}

function print(report: Report, text: string): void {
  if (text !== "") report.say(text);
}

const badInputs = (evidence: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "ARGUMENTS_INVALID",
    what: "invalid inputs",
    evidence,
    servesNow: NOTHING_TOUCHED,
    next: "fix the arguments of this resource in the program",
  });

const foreignState = (urn: string): SlipwayError =>
  new SlipwayError({
    code: "STATE_FROM_OTHER_VERSION",
    what: "the state was written by another version of Slipway, and this one cannot read it",
    servesNow: NOTHING_TOUCHED,
    next: `use the version that wrote it; or remove what it made by hand, then: pulumi state delete '${urn}'`,
  });

const urnOf = (values: Values): string => (typeof values.__urn === "string" ? values.__urn : "");

const hidden = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith("__")));

const isEmpty = (values: Values): boolean => Object.keys(values).length === 0;

/** Keys that no plan depends on: where a machine is and its host key. */
const MACHINE_KEYS: ReadonlySet<string> = new Set(["address", "hostKey"]);

/** The inputs, with a placeholder for what is unknown of machines that do not exist yet. */
const foreseen = (news: Readonly<Values>): Values =>
  Object.fromEntries(
    Object.entries(news).map(([key, value]) => [key, value === UNKNOWN && MACHINE_KEYS.has(key) ? LATER : within(value)]),
  );

const within = (value: unknown): unknown => (isMap(value) ? foreseen(value) : value);

function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}
