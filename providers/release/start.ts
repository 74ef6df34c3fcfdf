import { messageOf } from "../../core/error.ts";
import { ConnectionLost, KamalProxy } from "../../hosts/index.ts";
import { type Candidate, CandidateFailed, prove } from "./candidate.ts";
import { containerBody, updatable } from "./container.ts";
import { hostOf, together } from "./crew.ts";
import { targetOf } from "./fleet.ts";
import { type Place, places, prefixOf } from "./inputs.ts";
import { type OperationOf, only, type Plan } from "./plan.ts";
import type { Work } from "./work.ts";

/** What may be switched to, and what of it is there only since this run. */
export interface Candidates {
  readonly proved: readonly Candidate[];
  readonly started: readonly Candidate[];
}

/**
 * Starts every candidate of the plan and waits until all of them are healthy; proxied roles first, the others when those are.
 * Nothing is switched yet, so failing is free: what was started is removed and the failure is thrown.
 */
export async function startAndProve(work: Work, plan: Plan): Promise<Candidates> {
  const started: Candidate[] = [];
  const proved: Candidate[] = [];
  const concerned = places(work.inputs).filter(({ host, role }) => touches(plan, host, role));
  const [proxied, others] = [concerned.filter(({ spec }) => spec.proxy), concerned.filter(({ spec }) => !spec.proxy)];
  try {
    await removeLeftovers(work, plan);
    for (const group of [proxied, others]) {
      const candidates = await together(group, (place) => start(work, plan, place, started));
      await proveAll(work, plan, candidates, started);
      proved.push(...candidates);
    }
    return { started, proved };
  } catch (thrown) {
    await discard(work, started);
    throw thrown;
  }
}

const touches = (plan: Plan, host: string, role: string): boolean =>
  plan.operations.some(
    (operation) => (operation.do === "start" || operation.do === "switch") && operation.host === host && operation.role === role,
  );

const removeLeftovers = ({ crew, held }: Work, plan: Plan): Promise<unknown> =>
  together(
    only(plan, "remove").filter(({ because }) => because === "leftover"),
    async ({ host, id }) => {
      held(host);
      await hostOf(crew, host).docker.remove(id, { force: true, anonymousVolumes: true });
    },
  );

async function start(work: Work, plan: Plan, place: Place, started: Candidate[]): Promise<Candidate> {
  const host = hostOf(work.crew, place.host);
  const operation = only(plan, "start").find(({ host: name, role }) => name === place.host && role === place.role);
  if (operation === undefined) return adopt(work, plan, place);
  work.held(place.host);
  const { id } = await host.docker.create(operation.container, containerBody(work.inputs, place)).catch(failStart(operation));
  const candidate: Candidate = { place, host, id, name: operation.container };
  started.push(candidate);
  await host.docker.start(id).catch(failStart(operation));
  return candidate;
}

/** A container that already runs what is wanted: it only lacks its route. It is proved like any other. */
async function adopt(work: Work, plan: Plan, place: Place): Promise<Candidate> {
  const host = hostOf(work.crew, place.host);
  const to = only(plan, "switch").find(({ host: name, role }) => name === place.host && role === place.role)?.to ?? "";
  const container = await host.docker.inspect(to);
  if (container === undefined) throw new CandidateFailed(place.host, `${to} was removed while the release ran`, []);
  return { place, host, id: container.id, name: to };
}

/** Docker's own words are the evidence: a taken port, a missing device, a bad mount. */
const failStart =
  ({ host, container }: OperationOf<"start">) =>
  (thrown: unknown): never => {
    if (thrown instanceof ConnectionLost) throw thrown;
    throw new CandidateFailed(host, `${container} could not be started`, [messageOf(thrown)]);
  };

async function proveAll(work: Work, plan: Plan, candidates: readonly Candidate[], started: readonly Candidate[]): Promise<void> {
  const seen = new Map(candidates.map((candidate) => [candidate.place.slot, ""]));
  const report = () => {
    const waiting = [...seen].filter(([, what]) => what !== "");
    const detail = waiting.map(([slot, what]) => `${slot.split("/")[0]}: ${what}`).join(", ");
    work.run.report.status(`healthy ${candidates.length - seen.size}/${candidates.length}${detail === "" ? "" : ` (${detail})`}`);
  };
  await together(candidates, async (candidate, givenUp) => {
    const { slot, spec, host } = candidate.place;
    await prove(
      candidate,
      work.inputs,
      (what) => {
        seen.set(slot, what);
        report();
      },
      givenUp,
    );
    work.held(host);
    // A container that only gets another route is as it should be already.
    const isEdited = only(plan, "restore").some(({ id }) => id === candidate.id);
    if (isEdited || started.includes(candidate)) await candidate.host.docker.update(candidate.id, updatable(spec.options));
    seen.delete(slot);
    report();
  });
}

/**
 * Takes back what this run started; a host that is gone keeps it, and the next run finds it there. So does one whose proxy was
 * switched and could not be switched back: what serves is never removed, whatever we believe to have happened.
 */
export async function discard({ held, inputs }: Work, started: readonly Candidate[]): Promise<void> {
  await Promise.allSettled(
    started.map(async ({ host, id, place }) => {
      const route = place.spec.proxy && (await new KamalProxy(host).route(prefixOf(inputs, place.role)));
      if (route?.targets.some((target) => target === targetOf(id, place.spec.proxy?.appPort ?? 0))) return;
      held(host.name);
      await host.docker.remove(id, { force: true, anonymousVolumes: true });
    }),
  );
}
