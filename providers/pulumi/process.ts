import { POLL } from "../../core/deadline.ts";
import { NOTHING_TOUCHED } from "../../core/error.ts";
import { Mask } from "../../core/mask.ts";
import { omitUndefined } from "../../core/values.ts";
import { type Access, ConnectionLost, Hosts, operator, stackIn, traceTo } from "../../hosts/index.ts";
import { projectOf, shortName } from "../../project/place.ts";
import { type StackConfig, stackConfigNow, withKamals } from "../../project/stack-config.ts";
import { accessOf, withKeys } from "./access.ts";
import { listenForCancel } from "./cancelled.ts";
import { Claims } from "./claims.ts";
import { dialEngine, type Engine } from "./engine-client.ts";
import { FailureHook } from "./failure-hook.ts";
import { type Forgotten, forgottenIn } from "./forgotten.ts";
import { orStoppedBy } from "./hooks/run-hook.ts";
import { RunHooks } from "./hooks/run-hooks.ts";
import { lossOf } from "./loss.ts";
import { namedSecrets, safeError, secretsOfConfig, secretsOfInputs } from "./mask.ts";
import { failedNews } from "./news.ts";
import { Notifier } from "./notifier.ts";
import type { Run } from "./provider.ts";
import { withQuietErrors } from "./quiet.ts";
import { recordingOf } from "./recording.ts";
import { EngineReport } from "./report.ts";
import { SHOWN_PLANS_VARIABLE, ShownPlans } from "./shown-plans.ts";

/** What of a run is the same for all resources. */
type Reach = Pick<Run, "hosts" | "forgotten" | "config"> & { readonly hooks: RunHooks; readonly notifier: Notifier };

/** One process serves all our resources of a run, so they share one connection per host and the connection to the engine. */
let configured: StackConfig | undefined;
let isOfThisRun = false;
let reach: Promise<Reach> | undefined;
/** Of every secret that this process has seen: what one resource prints may hold those of another. */
const mask = new Mask();
let engine: Promise<Engine | undefined> | undefined;
let failureHook: FailureHook | undefined;
let calls = 0;
let cancelled: AbortSignal | undefined;

/** What the program of this run declares. */
export const claims = new Claims();

/** Plans that were shown in this run. */
export const shownPlans = new ShownPlans(process.env[SHOWN_PLANS_VARIABLE]);

/** The engine passes a stack's config once: it says how this operator authenticates and which hooks to run. */
export function configure(config: StackConfig): void {
  configured = config;
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

/**
 * Runs the user's failure hook, which may send the error to others, and notifies those who are to know.
 *
 * @param values of the resource that failed
 */
export async function reportFailure(
  thrown: unknown,
  urn: string,
  values: Readonly<Record<string, unknown>>,
  report: EngineReport,
): Promise<void> {
  const safe = safeError(thrown, mask);
  reach ??= reachWith(urn);
  const { hooks, notifier } = await reach;
  failureHook ??= new FailureHook(hooks);
  await failureHook.run(safe, report);
  const service = configured?.get("slipway:service") ?? "";
  await notifier.failed(safe, { service, ...failedNews(values, stackIn(urn)) }, operator(), report);
}

/** Progress that is shown in the row of one resource. */
export function reportFor(urn: string): EngineReport {
  if (engine === undefined) {
    engine = dialEngine(process.argv.at(-1));
    void engine.then(exitWithEngine);
  }
  return new EngineReport(engine, urn, (text) => mask.hide(text));
}

/** What a provider may use for one resource. */
export async function runFor(urn: string, act: "converge" | "withdraw" = "converge"): Promise<Run & { report: EngineReport }> {
  const report = reportFor(urn);
  reach ??= reachWith(urn);
  const { hosts, forgotten, config, hooks, notifier } = await reach;
  // A host that is given up is not asked which machine it is.
  const declared: Run["declared"] = (wanted) =>
    claims.declared(
      wanted.filter(({ host }) => !forgotten.has(host)),
      hosts,
    );
  cancelled ??= listenForCancel();
  const recording = recordingOf({ urn, act, hide: (text) => mask.hide(text) });
  const notify: Run["notify"] = (news) => notifier.live(news, operator(), report);
  const owner = operator(stackIn(urn));
  return { hosts, forgotten, config, hooks, report, owner, recording, notify, declared, cancelled };
}

/** The same for a look before anything is changed, which all resources share. */
export async function lookFor(urn: string): Promise<Run & { report: EngineReport }> {
  const run = await runFor(urn);
  return { ...run, hosts: run.hosts.shared };
}

/** How someone logged in before, or what was given up then, says nothing about this run: a key may have been replaced since. */
async function reachWith(urn: string): Promise<Reach> {
  const stack = shortName(stackIn(urn));
  const now = isOfThisRun || stack === "" ? undefined : await stackConfigNow(process.cwd(), stack);
  const config = now ?? (await withKamals(configured ?? { get: () => undefined }, process.cwd(), stack));
  mask.learn(secretsOfConfig(config));
  const keyed = await withKeys(config, { report: reportFor(urn), folder: process.cwd() });
  const hooks = new RunHooks(keyed, stack, projectOf(process.cwd()), () => secretsNow(stack));
  const notifier = new Notifier(keyed);
  mask.learn([...secretsOfConfig(keyed), ...notifier.secrets]);
  const access = { ...accessOf(keyed, process.env), ...preConnect(hooks, urn) };
  const hosts = new Hosts(access, traceTo(process.env.SLIPWAY_TRACE));
  return { hosts, forgotten: forgottenIn(config), config, hooks, notifier };
}

/** In plain text, as the file has them now unless the engine has passed them for this run. */
async function secretsNow(stack: string): Promise<Readonly<Record<string, string>>> {
  const now = isOfThisRun || stack === "" ? undefined : await stackConfigNow(process.cwd(), stack, "all");
  const config = now ?? configured;
  if (config === undefined) return {};
  mask.learn(secretsOfConfig(config));
  return namedSecrets(config);
}

/** Before the first connection of this process, on the row of the resource that needs it. A failure is that of each connection. */
function preConnect(hooks: RunHooks, urn: string): Pick<Access, "before"> {
  if (!hooks.has("pre_connect")) return {};
  let ran: Promise<void> | undefined;
  const run = () =>
    hooks
      .ofStack("pre_connect", {}, { report: reportFor(urn), ...omitUndefined({ cancelled }) })
      .catch(orStoppedBy({ servesNow: NOTHING_TOUCHED }));
  return {
    before: () => {
      ran ??= run();
      return ran;
    },
  };
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
    throw safeError(thrown instanceof ConnectionLost ? lossOf(thrown, AGAIN) : thrown, mask);
  }
}

const AGAIN = "check that the host and the network are up, then run pulumi up again: it continues from what it finds";

/** A killed engine leaves this process running: it finishes its calls, so that no host is left midway, and exits. */
async function exitWithEngine(engine: Engine | undefined): Promise<void> {
  if (engine === undefined) return;
  await engine.gone;
  setInterval(() => (calls === 0 ? process.exit(0) : undefined), POLL);
}
