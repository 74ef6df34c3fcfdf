import { messageOf, SlipwayError } from "../../core/error.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import { updatable } from "../container/body.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { causeOf } from "../container/cause/cause.ts";
import { thenUp } from "../container/remedy.ts";
import { ROLLING_BACK } from "./events.ts";
import { keysOf } from "./keys.ts";
import { nextOf } from "./plan.ts";
import { prove } from "./proof.ts";
import { gapText, servesNow, textOf } from "./serves-now.ts";
import { discard } from "./step.ts";
import type { Work } from "./work.ts";

/**
 * After a failure before the candidate has taken over: removes the candidate and starts the old container again, once. Returns the
 * error to throw.
 *
 * @param stopped whether the old container was stopped by us or found stopped
 */
export async function rollBack(work: Work, thrown: unknown, stopped: boolean): Promise<SlipwayError> {
  const { inputs, host, old } = work;
  ROLLING_BACK.publish({ host: host.name });
  const stuck = await removeCandidate(work);
  const serves = stuck ?? (stopped ? await startOld(work) : servesNow(work, "untouched"));
  const again = stuck === undefined ? await startRivals(work) : [];
  if (thrown instanceof SlipwayError)
    return new SlipwayError({ ...thrown.story, servesNow: [serves, ...again].join("; ") }, { cause: thrown });
  const what = old === undefined ? "did not start" : `did not take the place of ${textOf(old)}`;
  const known = thrown instanceof CandidateFailed ? thrown.known : undefined;
  const cause = known?.seen && causeOf(known.seen, keysOf(inputs, work.run.config));
  const because = cause?.what === undefined ? messageOf(thrown) : `${messageOf(thrown)}: ${cause.what}`;
  return new SlipwayError(
    {
      code: "ACCESSORY_FAILED",
      what: `${inputs.accessory}: ${inputs.image} ${what}: ${because}`,
      host: host.name,
      ...(thrown instanceof CandidateFailed ? { evidence: [...thrown.evidence, ...(cause?.hints ?? [])] } : {}),
      servesNow: `${[serves, ...again].join("; ")}. Its data was not touched by us`,
      next: thenUp(cause?.remedy ?? known?.remedy ?? { words: "fix what the evidence shows" }, inputs.stack),
    },
    { cause: thrown },
  );
}

/** While it may still run, no other server may use its data. @returns what serves if it could not be removed */
async function removeCandidate(work: Work): Promise<string | undefined> {
  const { inputs, host } = work;
  const candidate = await host.docker.inspect(nextOf(inputs));
  if (candidate === undefined) return undefined;
  try {
    await discard(inputs, candidate.id, work);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    return `unknown: ${candidate.name} could not be removed (${messageOf(thrown)}), and two servers must not share a data folder`;
  }
}

/** With its own health check: one that was changed in the config is not meant for it. */
async function startOld(work: Work): Promise<string> {
  const { inputs, state, host, old, run, gap } = work;
  if (old === undefined) return servesNow(work, "");
  try {
    run.report.status(`start ${old.name} again`);
    await host.docker.start(old.id);
    const { ready, bootTimeout } = state ?? inputs;
    await prove({ ...inputs, ready, bootTimeout }, { id: old.id, name: old.name, host }, (seen) => run.report.status(seen));
    gap.end();
    const { restart } = policyOf(work);
    await host.docker.update(old.id, { restart, memory: 0, nanoCpus: 0 });
    return `${textOf(old)} again${gapText(work)}`;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    const evidence = thrown instanceof CandidateFailed ? thrown.evidence.map((line) => `\n  | ${line}`).join("") : "";
    return `nothing of ${inputs.accessory}: ${textOf(old)} could not be started again: ${messageOf(thrown)}${evidence}`;
  }
}

/** What wrote to the data before serves again. @returns what became of each */
async function startRivals({ inputs, host, run, rivals }: Work): Promise<string[]> {
  const outcomes: string[] = [];
  for (const { id, name } of rivals) {
    run.report.status(`start ${name} again`);
    try {
      await host.docker.start(id);
      await host.docker.update(id, { restart: updatable(inputs.options).restart, memory: 0, nanoCpus: 0 });
      outcomes.push(`${name} again`);
    } catch (thrown) {
      if (thrown instanceof ConnectionLost) throw thrown;
      outcomes.push(`not ${name}, which could not be started again: ${messageOf(thrown)}`);
    }
  }
  return outcomes;
}

/** As found; as declared if a run that died had removed it. */
function policyOf({ inputs, state, old }: Work) {
  const found = old?.limits.restart;
  if (found === undefined || found.name === "no") return updatable((state ?? inputs).options);
  return { restart: { ...found, name: found.name as "always" | "unless-stopped" | "on-failure" } };
}
