import { POLL } from "../../core/deadline.ts";
import { type Access, Hosts, operator, parseAccess, traceTo } from "../../hosts/index.ts";
import { accessOf } from "./access.ts";
import { FailureHook } from "./failure-hook.ts";
import type { Run } from "./provider.ts";
import { told } from "./quiet.ts";
import { dialEngine, type Engine, EngineReport } from "./report.ts";

/** One process serves all our resources of a run, so they share one connection per host, and the engine's log. */
let access: Access | undefined;
let hosts: Hosts | undefined;
let engine: Promise<Engine | undefined> | undefined;
let hook: FailureHook | undefined;
let calls = 0;

/** How this operator gets in: from the config that the engine hands to the process, once. */
export function configure(config: { get(key: string): string | undefined }): void {
  access = accessOf(config, process.env);
  hook = new FailureHook(config);
}

/** What a person wants to happen when something could not be brought to what is declared. */
export const tellFailure = async (thrown: unknown, urn: string, report: EngineReport): Promise<void> =>
  hook?.tell(thrown, urn, report);

/** What a provider may use for one resource; progress goes to that resource's row. */
export function runFor(urn: string): Run & { report: EngineReport } {
  hosts ??= new Hosts(access ?? parseAccess(undefined, process.env), traceTo(process.env.SLIPWAY_TRACE));
  if (engine === undefined) {
    engine = dialEngine(process.argv.at(-1));
    void engine.then(outlive);
  }
  return { hosts, report: new EngineReport(engine, urn), owner: operator() };
}

/** Every call of the engine goes through here. */
export async function serve<T>(work: () => Promise<T>): Promise<T> {
  calls += 1;
  try {
    return await told(work);
  } finally {
    calls -= 1;
  }
}

/** A killed engine leaves this process behind: it finishes what it is doing to a host, and goes. */
async function outlive(engine: Engine | undefined): Promise<void> {
  if (engine === undefined) return;
  await engine.gone;
  setInterval(() => (calls === 0 ? process.exit(0) : undefined), POLL);
}
