import { together } from "../../core/together.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { type Candidate, prove } from "./candidate.ts";
import { limitProved } from "./limits.ts";
import { type Place, places } from "./places.ts";
import { only, type Plan } from "./plan.ts";
import { adopt, start } from "./start.ts";
import { timed } from "./timed.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

/**
 * Starts every candidate of a wave and waits until all of them are healthy; proxied roles first, the others when those are.
 * Nothing of the wave is switched yet: after a failure the undo log names what has to be removed.
 */
export const startAndProve = timed("boot", async (work, wave: Wave) => {
  const concerned = places(work.inputs).filter((place) => wave.includes(place.slot) && isTouched(work.plan, place));
  const [proxied, others] = [concerned.filter(({ spec }) => spec.proxy), concerned.filter(({ spec }) => !spec.proxy)];
  for (const group of [proxied, others]) {
    const candidates = await together(group, (place) => startOrAdopt(place, work));
    await proveAll(candidates, work);
    work.undo.proved.push(...candidates);
  }
});

/** Whether the plan starts it, or routes requests to it that it has not had before. */
function isTouched(plan: Plan, { host, role, container, track }: Place): boolean {
  return plan.operations.some((operation) => {
    if (operation.do === "start") return operation.host === host && operation.container === container;
    const routed = track === "canary" ? operation.do === "canary" : operation.do === "switch";
    return routed && "role" in operation && operation.host === host && operation.role === role;
  });
}

function startOrAdopt(place: Place, work: Work): Promise<Candidate> {
  const planned = only(work.plan, "start").find((one) => one.host === place.host && one.container === place.container);
  return planned === undefined ? adopt(place, work) : start(planned, work);
}

/** Of how many candidates the status says what they answer. */
const DETAILS = 3;

/** @example describeHealth(3, 1, ["web-3: 503 × 4, 1.2 s"]) // "healthy 2/3 (web-3: 503 × 4, 1.2 s)" */
export function describeHealth(all: number, left: number, waiting: readonly string[]): string {
  const more = waiting.length > DETAILS ? [`and ${waiting.length - DETAILS} more`] : [];
  const details = [...waiting.slice(0, DETAILS), ...more].join(", ");
  return `healthy ${all - left}/${all}${details === "" ? "" : ` (${details})`}`;
}

async function proveAll(candidates: readonly Candidate[], work: Work): Promise<void> {
  const seen = new Map(candidates.map((candidate) => [candidate, ""]));
  const report = () => {
    const waiting = [...seen].flatMap(([{ host }, what]) => (what === "" ? [] : [`${host.name}: ${what}`]));
    work.run.report.status(describeHealth(candidates.length, seen.size, waiting));
  };
  const { cancelled } = work.run;
  await together(candidates, async (candidate, givenUp) => {
    const saw = (what: string) => {
      seen.set(candidate, what);
      report();
    };
    await prove(candidate, work.inputs, saw, cancelled === undefined ? givenUp : AbortSignal.any([givenUp, cancelled])).catch(
      (thrown: unknown) => {
        throw cancelled?.aborted === true ? wasCancelled(candidate) : thrown;
      },
    );
    await limitProved(candidate, work);
    seen.delete(candidate);
    report();
  });
}

const wasCancelled = ({ host, name }: Candidate): CandidateFailed =>
  new CandidateFailed(host.name, `the run was cancelled before ${name} was healthy`, []);
