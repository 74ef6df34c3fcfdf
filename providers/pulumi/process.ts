import { POLL } from "../../core/deadline.ts";
import { reasonOf, SlipwayError } from "../../core/error.ts";
import { Mask } from "../../core/mask.ts";
import { ConnectionLost, Hosts, operator, stackIn, traceTo } from "../../hosts/index.ts";
import { shortName } from "../../project/place.ts";
import { type StackConfig, stackConfigNow, withKamals } from "../../project/stack-config.ts";
import { accessOf } from "./access.ts";
import { listenForCancel } from "./cancelled.ts";
import { Claims } from "./claims.ts";
import { dialEngine, type Engine } from "./engine-client.ts";
import { FailureHook } from "./failure-hook.ts";
import { type Forgotten, forgottenIn } from "./forgotten.ts";
import { safeError, secretsOfConfig, secretsOfInputs } from "./mask.ts";
import type { Run } from "./provider.ts";
import { withQuietErrors } from "./quiet.ts";
import { EngineReport } from "./report.ts";
import { SHOWN_PLANS_VARIABLE, ShownPlans } from "./shown-plans.ts";

/** One process serves all our resources of a run, so they share one connection per host and the connection to the engine. */
let configured: StackConfig | undefined;
let isOfThisRun = false;
let reach: Promise<Pick<Run, "hosts" | "forgotten">> | undefined;
/** Of every secret that this process has seen: what one resource prints may hold those of another. */
const mask = new Mask();
let engine: Promise<Engine | undefined> | undefined;
let hook: FailureHook | undefined;
let calls = 0;
let cancelled: AbortSignal | undefined;

/** What the program of this run declares. */
export const claims = new Claims();

/** Plans that were shown in this run. */
export const shownPlans = new ShownPlans(process.env[SHOWN_PLANS_VARIABLE]);

/** The engine passes a stack's config once: it says how this operator authenticates and which hook to run. */
export function configure(config: StackConfig): void {
  configured = config;
  hook = new FailureHook(config);
  mask.learn(secretsOfConfig(config));
}

/**
 * The program of this run declares something. Then the engine configured this process with the config of this run. For a refresh or a
 * destroy, which run no program, it passes the config of the last run, which it keeps in the state.
 */
export function programRuns(): void {
  isOfThisRun = true;
}

/** The hosts that this run gives up, for the plan of something that the program declares. */
export const forgottenNow = (): Forgotten => forgottenIn(configured);

/** Runs the user's failure hook, which may send the error to others. */
export const reportFailure = async (thrown: unknown, urn: string, report: EngineReport): Promise<void> =>
  hook?.run(safeError(thrown, mask), urn, report);

/** Progress that is shown in the row of one resource. */
export function reportFor(urn: string): EngineReport {
  if (engine === undefined) {
    engine = dialEngine(process.argv.at(-1));
    void engine.then(exitWithEngine);
  }
  return new EngineReport(engine, urn, (text) => mask.hide(text));
}

/** What a provider may use for one resource. */
export async function runFor(urn: string): Promise<Run & { report: EngineReport }> {
  const report = reportFor(urn);
  reach ??= reachWith(urn);
  const { hosts, forgotten } = await reach;
  // A host that is given up is not asked which machine it is.
  const declared: Run["declared"] = (wanted) =>
    claims.declared(
      wanted.filter(({ host }) => !forgotten.has(host)),
      hosts,
    );
  cancelled ??= listenForCancel();
  return { hosts, forgotten, report, owner: operator(stackIn(urn)), declared, cancelled };
}

/** The same for a look before anything is changed, which all resources share. */
export async function lookFor(urn: string): Promise<Run & { report: EngineReport }> {
  const run = await runFor(urn);
  return { ...run, hosts: run.hosts.shared };
}

/** How someone logged in before, or what was given up then, says nothing about this run: a key may have been replaced since. */
async function reachWith(urn: string): Promise<Pick<Run, "hosts" | "forgotten">> {
  const stack = shortName(stackIn(urn));
  const now = isOfThisRun || stack === "" ? undefined : await stackConfigNow(process.cwd(), stack);
  const config = now ?? (await withKamals(configured ?? { get: () => undefined }, process.cwd(), stack));
  mask.learn(secretsOfConfig(config));
  return { hosts: new Hosts(accessOf(config, process.env), traceTo(process.env.SLIPWAY_TRACE)), forgotten: forgottenIn(config) };
}

/**
 * Every call from the engine goes through here.
 *
 * @param values of the resource: its secrets are not shown
 */
export async function serve<T>(values: Readonly<Record<string, unknown>>, work: () => Promise<T>): Promise<T> {
  calls += 1;
  mask.learn(secretsOfInputs(values));
  try {
    return await withQuietErrors(() => withSafeErrors(work));
  } finally {
    calls -= 1;
  }
}

async function withSafeErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw safeError(thrown instanceof ConnectionLost ? lossOf(thrown) : thrown, mask);
  }
}

/** Where a provider has no better story for it. */
const lossOf = (lost: ConnectionLost): SlipwayError =>
  new SlipwayError(
    {
      code: "CONNECTION_LOST",
      what: reasonOf(lost, lost.host),
      host: lost.host,
      servesNow: "what served before; whether the last change took effect is unknown",
      next: "check that the host and the network are up, then run pulumi up again: it continues from what it finds",
    },
    { cause: lost },
  );

/** A killed engine leaves this process running: it finishes its calls, so that no host is left midway, and exits. */
async function exitWithEngine(engine: Engine | undefined): Promise<void> {
  if (engine === undefined) return;
  await engine.gone;
  setInterval(() => (calls === 0 ? process.exit(0) : undefined), POLL);
}
