import { messageOf } from "../../core/error.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { withDaemonLogging } from "../container/log-driver.ts";
import { shareAssets } from "./assets.ts";
import type { Candidate } from "./candidate.ts";
import { containerBody } from "./container.ts";
import { createContainer } from "./create.ts";
import { isRouted, routeOf } from "./live.ts";
import type { OperationOf } from "./operation.ts";
import { type Place, places } from "./places.ts";
import { only } from "./plan.ts";
import type { Work } from "./work.ts";

type Start = OperationOf<"start">;

/** Starts a candidate, which has the assets of what serves before it runs. */
export async function start(operation: Start, work: Work): Promise<Candidate> {
  const place = placeOf(operation, work);
  const host = work.on(operation.host);
  const fail = failStart(operation);
  const { id } = await create(place, work).catch(fail);
  const candidate: Candidate = { place, host, id, name: operation.container };
  work.undo.started.push(candidate);
  const isIts = (share: OperationOf<"share-assets">) => share.host === host.name && share.container === operation.container;
  for (const share of only(work.plan, "share-assets").filter(isIts)) await shareAssets(share, work).catch(fail);
  await host.docker.start(id).catch(fail);
  return candidate;
}

function placeOf({ host, container }: Start, { inputs }: Work): Place {
  const place = places(inputs).find((one) => one.host === host && one.container === container);
  if (place === undefined) throw new TypeError(`no place for ${container} on ${host}`);
  return place;
}

async function create(place: Place, work: Work): Promise<{ id: string }> {
  const { inputs } = work;
  const { container, image } = place;
  const host = work.on(place.host);
  const body = await withDaemonLogging(containerBody(inputs, place), place.spec.logging, () => work.dockerOn(host));
  return createContainer(host, { container, image, body }, inputs);
}

/** Docker's own words are the evidence: a port in use, a missing device, a bad mount. */
const failStart =
  ({ host, container }: Start) =>
  (thrown: unknown): never => {
    if (thrown instanceof ConnectionLost) throw thrown;
    const said = messageOf(thrown);
    throw new CandidateFailed(host, `${container} could not be started`, [said], { container, seen: { lines: [said] } });
  };

/** A container that already runs what is wanted and only lacks its requests. It must prove itself like any other, and is removed if it fails. */
export async function adopt(place: Place, work: Work): Promise<Candidate> {
  const host = work.on(place.host);
  const name = nameOf(place, work);
  const container = await host.docker.inspect(name);
  if (container === undefined) throw new CandidateFailed(place.host, `${name} was removed while the release ran`, []);
  const candidate: Candidate = { place, host, id: container.id, name };
  const route = routeOf(work.undo.before[place.host], place.role);
  if (route === undefined || !isRouted(route, candidate)) work.undo.started.push(candidate);
  return candidate;
}

/** An adopted container keeps its old name. */
function nameOf({ host, role, track, replica, container }: Place, { plan }: Work): string {
  if (track === "canary") return only(plan, "canary").find((one) => one.host === host && one.role === role)?.to ?? container;
  return only(plan, "switch").find((one) => one.host === host && one.role === role)?.to[replica - 1] ?? container;
}
