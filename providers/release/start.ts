import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import { ConnectionLost, DockerRefusal, type Host } from "../../hosts/index.ts";
import { updatable } from "../container/body.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { bridgeAssets, prepareAssets } from "./assets.ts";
import { type Candidate, prove } from "./candidate.ts";
import { containerBody } from "./container.ts";
import { hostOf, together } from "./crew.ts";
import { isRouted, routeOf } from "./fleet.ts";
import { type Place, places } from "./inputs.ts";
import { type OperationOf, only, type Plan } from "./plan.ts";
import { authOf } from "./preflight.ts";
import type { UndoLog } from "./undo-log.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

const NO_SUCH_IMAGE = 404;

/**
 * Starts every candidate of a wave and waits until all of them are healthy; proxied roles first, the others when those are.
 * Nothing of the wave is switched yet: whoever catches a failure takes back what the undo has noted.
 */
export async function startAndProve(work: Work, plan: Plan, wave: Wave, undo: UndoLog): Promise<void> {
  const concerned = places(work.inputs).filter((place) => wave.includes(place.slot) && isTouched(plan, place));
  const [proxied, others] = [concerned.filter(({ spec }) => spec.proxy), concerned.filter(({ spec }) => !spec.proxy)];
  for (const group of [proxied, others]) {
    const candidates = await together(group, (place) => start(work, plan, place, undo));
    await proveAll(work, plan, candidates, undo);
    undo.proved.push(...candidates);
  }
}

/** Whether the plan starts it, or gives it requests that it has not had. */
function isTouched(plan: Plan, { host, role, container, track }: Place): boolean {
  return plan.operations.some((operation) => {
    if (operation.do === "start") return operation.host === host && operation.container === container;
    const routed = track === "canary" ? operation.do === "canary" : operation.do === "switch";
    return routed && "role" in operation && operation.host === host && operation.role === role;
  });
}

/** What lies in the way of what is about to start, of a run that did not end. */
export const removeLeftovers = ({ crew }: Work, plan: Plan): Promise<unknown> =>
  together(
    only(plan, "remove").filter(({ because }) => because === "leftover"),
    async ({ host, id }) => {
      await hostOf(crew, host).docker.remove(id, { force: true, anonymousVolumes: true });
    },
  );

async function start(work: Work, plan: Plan, place: Place, undo: UndoLog): Promise<Candidate> {
  const host = hostOf(work.crew, place.host);
  const operation = only(plan, "start").find((one) => one.host === place.host && one.container === place.container);
  if (operation === undefined) return adopt(work, plan, place, undo);
  await prepareAssets(work, place, host).catch(failStart(operation));
  const { id } = await create(work, host, operation, place).catch(failStart(operation));
  const candidate: Candidate = { place, host, id, name: operation.container };
  undo.started.push(candidate);
  await bridgeAssets(work, candidate).catch(failStart(operation));
  await host.docker.start(id).catch(failStart(operation));
  return candidate;
}

/** The image was there before the lease; a run of another app of this repository may have taken it for one that nobody needs. */
async function create(
  { inputs }: Work,
  { docker }: Host,
  { container }: OperationOf<"start">,
  place: Place,
): Promise<{ id: string }> {
  const body = containerBody(inputs, place);
  return docker.create(container, body).catch(async (thrown: unknown) => {
    if (!(thrown instanceof DockerRefusal) || thrown.statusCode !== NO_SUCH_IMAGE) throw thrown;
    await docker.pull(place.image, authOf(inputs), { deadline: Deadline.in(inputs.deployTimeout) });
    return docker.create(container, body);
  });
}

/** A container that already runs what is wanted: it only lacks its requests. It is proved like any other, and goes if it fails. */
async function adopt(work: Work, plan: Plan, place: Place, undo: UndoLog): Promise<Candidate> {
  const host = hostOf(work.crew, place.host);
  const name = nameOf(plan, place);
  const container = await host.docker.inspect(name);
  if (container === undefined) throw new CandidateFailed(place.host, `${name} was removed while the release ran`, []);
  const candidate: Candidate = { place, host, id: container.id, name };
  const route = routeOf(undo.before[place.host], place.role);
  if (route === undefined || !isRouted(route, candidate)) undo.started.push(candidate);
  return candidate;
}

/** One that was found may have another name than it would be given today. */
function nameOf(plan: Plan, { host, role, track, replica, container }: Place): string {
  if (track === "canary") return only(plan, "canary").find((one) => one.host === host && one.role === role)?.to ?? container;
  return only(plan, "switch").find((one) => one.host === host && one.role === role)?.to[replica - 1] ?? container;
}

/** Docker's own words are the evidence: a taken port, a missing device, a bad mount. */
const failStart =
  ({ host, container }: OperationOf<"start">) =>
  (thrown: unknown): never => {
    if (thrown instanceof ConnectionLost) throw thrown;
    throw new CandidateFailed(host, `${container} could not be started`, [messageOf(thrown)]);
  };

const failUpdate =
  ({ host, name }: Candidate) =>
  (thrown: unknown): never => {
    if (thrown instanceof ConnectionLost) throw thrown;
    throw new CandidateFailed(host.name, `the limits of ${name} could not be set`, [messageOf(thrown)]);
  };

async function proveAll(work: Work, plan: Plan, candidates: readonly Candidate[], undo: UndoLog): Promise<void> {
  const seen = new Map(candidates.map((candidate) => [candidate, ""]));
  const report = () => {
    const waiting = [...seen].filter(([, what]) => what !== "");
    const detail = waiting.map(([{ host }, what]) => `${host.name}: ${what}`).join(", ");
    work.run.report.status(`healthy ${candidates.length - seen.size}/${candidates.length}${detail === "" ? "" : ` (${detail})`}`);
  };
  await together(candidates, async (candidate, givenUp) => {
    const saw = (what: string) => {
      seen.set(candidate, what);
      report();
    };
    await prove(candidate, work.inputs, saw, givenUp);
    // A container that only gets another route is as it should be already.
    const isEdited = only(plan, "restore").some(({ id }) => id === candidate.id);
    const { options } = candidate.place.spec;
    if (isEdited || undo.started.includes(candidate))
      await candidate.host.docker.update(candidate.id, updatable(options)).catch(failUpdate(candidate));
    seen.delete(candidate);
    report();
  });
}
