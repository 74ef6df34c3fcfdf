import { POLL } from "../../core/deadline.ts";
import { type Access, Hosts, operator, parseAccess, traceTo } from "../../hosts/index.ts";
import { accessOf } from "./access.ts";
import { dialEngine, type Engine } from "./engine-client.ts";
import { FailureHook } from "./failure-hook.ts";
import type { Run } from "./provider.ts";
import { withQuietErrors } from "./quiet.ts";
import { EngineReport } from "./report.ts";

/** One process serves all our resources of a run, so they share one connection per host and the connection to the engine. */
let access: Access | undefined;
let hosts: Hosts | undefined;
let engine: Promise<Engine | undefined> | undefined;
let hook: FailureHook | undefined;
let calls = 0;

/** The engine passes the stack's config once: it says how this operator authenticates and which hook to run. */
export function configure(config: { get(key: string): string | undefined }): void {
  access = accessOf(config, process.env);
  hook = new FailureHook(config);
}

/** Runs the user's failure hook. */
export const reportFailure = async (thrown: unknown, urn: string, report: EngineReport): Promise<void> =>
  hook?.run(thrown, urn, report);

/** What a provider may use for one resource; progress is shown in that resource's row. */
export function runFor(urn: string): Run & { report: EngineReport } {
  hosts ??= new Hosts(access ?? parseAccess(undefined, process.env), traceTo(process.env.SLIPWAY_TRACE));
  if (engine === undefined) {
    engine = dialEngine(process.argv.at(-1));
    void engine.then(exitWithEngine);
  }
  return { hosts, report: new EngineReport(engine, urn), owner: operator() };
}

/** Every call from the engine goes through here. */
export async function serve<T>(work: () => Promise<T>): Promise<T> {
  calls += 1;
  try {
    return await withQuietErrors(work);
  } finally {
    calls -= 1;
  }
}

/** A killed engine leaves this process running: it finishes its calls, so that no host is left midway, and exits. */
async function exitWithEngine(engine: Engine | undefined): Promise<void> {
  if (engine === undefined) return;
  await engine.gone;
  setInterval(() => (calls === 0 ? process.exit(0) : undefined), POLL);
}
