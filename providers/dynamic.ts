import { hostname, userInfo } from "node:os";
import type { dynamic } from "@pulumi/pulumi";
import { POLL } from "../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { type Access, Hosts, parseAccess, traceTo } from "../hosts/index.ts";
import { accessOf } from "./access.ts";
import type { Provider, Run } from "./provider.ts";
import { told } from "./quiet.ts";
import { dialEngine, type Engine, EngineReport } from "./report.ts";

/** What the engine puts in place of a value that only the run will know (`pulumi.runtime.unknownValue`, frozen since 2018). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const PLAN_LATER = "the plan follows when the values it depends on are known";

type Values = Record<string, unknown>;

/** One process serves all our resources of a run, so they share one connection per host. */
let sharedHosts: Hosts | undefined;
let engine: Promise<Engine | undefined> | undefined;
let calls = 0;

/** A killed engine leaves this process behind: it finishes what it is doing to a host, and goes. */
async function outlive(engine: Engine | undefined): Promise<void> {
  await engine?.gone;
  if (engine === undefined) return;
  const leave = () => (calls === 0 ? process.exit(0) : undefined);
  setInterval(leave, POLL);
}

/** Every call of the engine goes through here. */
async function serve<T>(work: () => Promise<T>): Promise<T> {
  calls += 1;
  try {
    return await told(work);
  } finally {
    calls -= 1;
  }
}

/**
 * Turns a `Provider` into what Pulumi's dynamic provider process calls. Knows everything about that process that the
 * providers need not know:
 * - old state may have been written by an older version: it is parsed, and what does not parse is converged anew;
 * - the refresh calls `diff`, too; the plan is printed only for a `diff` that follows the program's `check`;
 * - the URN is not given to a provider, so the program passes it as `__urn`; hidden keys stay out of the plan;
 * - outputs without `__provider` lose it, which `resultIncludingProvider` upstream takes care of.
 */
export function adapt<I extends object, S extends I>(provider: Provider<I, S>): dynamic.ResourceProvider<Values, Values> {
  const declared = new Set<string>();
  let access: Access | undefined;

  const run = (values: Values): Run & { report: EngineReport } => {
    sharedHosts ??= new Hosts(access ?? parseAccess(undefined, process.env), traceTo(process.env.SLIPWAY_TRACE));
    if (engine === undefined) {
      engine = dialEngine(process.argv.at(-1));
      void engine.then(outlive);
    }
    return { hosts: sharedHosts, report: new EngineReport(engine, urnOf(values)), owner: `${userInfo().username}@${hostname()}` };
  };
  const parseState = (values: Values): S | undefined => {
    const parsed = provider.state.safeParse(values);
    return parsed.success ? parsed.data : undefined;
  };
  const converge = async (state: S | undefined, news: Values): Promise<Values> => {
    const at = run(news);
    try {
      return { ...hidden(news), ...(await provider.converge(provider.inputs.parse(news), state, at)) };
    } finally {
      at.report.end();
    }
  };

  return {
    configure: async ({ config }) => {
      access = accessOf(config, process.env);
    },

    check: (olds, news) =>
      serve(async () => {
        declared.add(urnOf(news));
        if (hasUnknown(news)) return { inputs: news };
        const parsed = provider.inputs.safeParse(news);
        // Pulumi's own list of failures would print the values, secret ones too.
        if (!parsed.success) throw badInputs(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
        // Nobody calls `diff` for a resource that does not exist yet.
        if (isEmpty(olds)) run(news).report.say(provider.plan(parsed.data, undefined).text);
        return { inputs: news };
      }),

    diff: (_id, olds = {}, news = {}) =>
      serve(async () => {
        if (hasUnknown(news)) {
          run(news).report.say(PLAN_LATER);
          return { changes: true };
        }
        const inputs = provider.inputs.safeParse(news);
        // After a refresh that was saved, the old inputs of the next one are what was found, which nobody could have written.
        if (!inputs.success) return { changes: true };
        const { changes, replace, text } = provider.plan(inputs.data, parseState(olds));
        if (changes && declared.has(urnOf(news))) run(news).report.say(text);
        return { changes, replaces: [...(replace?.because ?? [])], deleteBeforeReplace: replace?.first === "delete" };
      }),

    create: (news) =>
      serve(async () => ({ id: provider.id(provider.inputs.parse(news)), outs: await converge(undefined, news) })),

    update: (_id, olds = {}, news = {}) => serve(async () => ({ outs: await converge(parseState(olds), news) })),

    read: (id, props = {}) =>
      serve(async () => {
        const declared = provider.inputs.safeParse(props);
        // Written by a version with other inputs: it stays as it is until the program says what is wanted now.
        if (!declared.success) return { id, props };
        const reading = await provider.read(declared.data, run(props));
        if (reading.found === "gone") return {};
        const outs = { ...hidden(props), ...reading.state };
        return reading.found === "same"
          ? { id, props: outs }
          : { id, props: outs, inputs: { ...hidden(props), ...reading.inputs } };
      }),

    delete: (_id, props = {}) =>
      serve(async () => {
        const declared = provider.inputs.safeParse(props);
        if (!declared.success) throw foreignState();
        await provider.withdraw(declared.data, run(props));
      }),
  };
}

const badInputs = (evidence: readonly string[]): SlipwayError =>
  new SlipwayError({
    what: "these inputs do not fit",
    evidence,
    servesNow: NOTHING_TOUCHED,
    next: "correct the arguments of this resource in the program",
  });

const foreignState = (): SlipwayError =>
  new SlipwayError({
    what: "the state was written by a version of Slipway whose inputs this one does not know",
    servesNow: "what served before; nothing was changed",
    next: "run pulumi up once, which writes the state anew, then this again",
  });

const urnOf = (values: Values): string => (typeof values.__urn === "string" ? values.__urn : "");

const hidden = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith("__")));

const isEmpty = (values: Values): boolean => Object.keys(values).length === 0;

function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}
