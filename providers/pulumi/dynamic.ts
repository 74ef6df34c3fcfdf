import type { dynamic } from "@pulumi/pulumi";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { planWithLook } from "./first-look.ts";
import { foreseen, hasUnknown } from "./foreseen.ts";
import { PLAN_LATER, planKnown } from "./plan-known.ts";
import {
  claims,
  configure,
  forgottenNow,
  lookFor,
  programRuns,
  reportFailure,
  reportFor,
  runFor,
  serve,
  shownPlans,
} from "./process.ts";
import type { Planned, Provider, Run } from "./provider.ts";
import type { EngineReport } from "./report.ts";
import { requireShown } from "./shown-plan.ts";
import { upgraded } from "./upgrade.ts";

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
      const provider = await this.#load();
      const parsed = provider.inputs.safeParse(foreseen(news, provider.inputs, 0));
      if (!parsed.success && hasUnknown(news)) return { inputs: news };
      // Pulumi's own list of failures would print the values, including secrets.
      if (!parsed.success) throw badInputs(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
      const adopted = provider.adopt?.(olds, parsed.data);
      // The engine does not call `diff` for a resource that does not exist yet.
      if (isEmpty(olds) || adopted !== undefined) {
        const inputs = { ...parsed.data, ...adopted };
        const { text } = planKnown(provider, news, { state: undefined, forgotten: forgottenNow(), adopted });
        await printPlan(provider, news, inputs, { text, state: undefined }, "created");
      }
      return { inputs: { ...news, ...adopted } };
    });
  }

  diff(_id: string, olds: Values = {}, news: Values = {}): Promise<dynamic.DiffResult> {
    return serve(news, async () => {
      const provider = await this.#load();
      const inputs = provider.inputs.safeParse(foreseen(news, provider.inputs, 0));
      if (!inputs.success && hasUnknown(news)) {
        if (shownPlans.show(urnOf(news), PLAN_LATER)) reportFor(urnOf(news)).say(PLAN_LATER);
        return { changes: true };
      }
      // After a saved refresh, the old inputs of the next one are the findings, which are not valid inputs.
      if (!inputs.success) return { changes: true };
      claims.keep(urnOf(news), provider.claims(inputs.data));
      const state = stateOf(provider, olds);
      const { changes, replace, text } = planKnown(provider, news, { state, forgotten: forgottenNow() });
      const isPartial = hasUnknown(news);
      if (isPartial || (changes && claims.isChecked(urnOf(news)))) {
        const isNew = state !== undefined && provider.isNewThere?.(inputs.data, state) === true;
        await printPlan(provider, news, inputs.data, { text, state }, isNew ? "new" : "seen");
      }
      if (isPartial) return { changes: true };
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
      const reading = await provider.read(declared.data, await lookFor(urnOf(props)), stateOf(provider, own));
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
      if (known.success) return withdraw(provider, known.data, await runFor(urnOf(props), "withdraw"));
      if (provider.remains === undefined) return;
      const remains = provider.remains.safeParse(own);
      if (!remains.success) throw foreignState(urnOf(props));
      await withdraw(provider, remains.data, await runFor(urnOf(props), "withdraw"));
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
    await reportFailure(thrown, urnOf(news), news, run.report);
    run.report.fail();
    throw thrown;
  } finally {
    await run.report.end();
  }
}

async function withdraw<I, S extends I>(
  provider: Provider<I, S>,
  declared: I,
  run: Run & { readonly report: EngineReport },
): Promise<void> {
  const all = provider.claims(declared);
  const kept = await run.declared(all);
  for (const { host, thing } of kept) run.report.say(`${host.name}: ${thing} stays: it is declared under another name`);
  try {
    if (all.length === 0 || kept.length < all.length) await provider.withdraw(declared, run);
  } finally {
    await run.report.end();
  }
}

function stateOf<I, S extends I>(provider: Provider<I, S>, values: Values): S | undefined {
  const parsed = provider.state.safeParse(upgraded(values, provider.upgrades));
  return parsed.success ? parsed.data : undefined;
}

/** Of machines that are new to the stack, made from a look at them, unless the program does not know yet where they are. */
async function printPlan<I extends object, S extends I>(
  provider: Provider<I, S>,
  news: Values,
  inputs: I,
  planned: Planned<S>,
  machines: "created" | "new" | "seen",
): Promise<void> {
  const looks = machines !== "seen" && !hasUnknown(news);
  const text = looks ? await planWithLook(provider, inputs, planned, await lookFor(urnOf(news))) : planned.text;
  requireShown(urnOf(news), text);
  if (!shownPlans.show(urnOf(news), text)) return;
  const report = reportFor(urnOf(news));
  if (machines === "created") report.planNew(text);
  else report.say(text);
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
