import type { Deadline } from "../../core/deadline.ts";
import type { RoleSpec } from "../../core/release/role.ts";
import { KAMAL_PROXY } from "../../hosts/index.ts";
import type { Candidate as ContainerCandidate } from "../container/candidate.ts";
import { type Check, checkOf as checkOfContainer } from "../container/check.ts";
import { prove as proveContainer } from "../container/proof.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Place } from "./places.ts";

/** A container of a release that is to serve, and does not yet. */
export interface Candidate extends ContainerCandidate {
  readonly place: Place;
}

/** Settles when the candidate may serve; rejects at once when it exits, and with its last probe when the deadline comes. */
export function prove(
  candidate: Candidate,
  { deployTimeout }: ReleaseInputs,
  saw: (what: string) => void,
  givenUp: AbortSignal,
): Promise<void> {
  const { ready } = candidate.place.spec;
  const proof = {
    check: (deadline: Deadline) => checkOf(candidate, deadline),
    delay: ready.by === "docker" ? ready.delay : 0,
    timeout: deployTimeout,
  };
  return proveContainer(candidate, proof, saw, givenUp);
}

/** The check of a candidate; `undefined` where neither its role nor its image has one. */
export const checkOf = (candidate: Candidate, deadline: Deadline): Promise<Check | undefined> =>
  checkOfContainer(candidate, readinessOf(candidate.place.spec), KAMAL_PROXY.network, deadline);

/** The check of a route is asked of the container itself. */
function readinessOf({ ready, proxy }: RoleSpec): Exclude<RoleSpec["ready"], { by: "route" }> {
  if (ready.by !== "route") return ready;
  if (proxy === undefined) throw new TypeError("the role is checked by its route and has none");
  const { healthcheck, appPort } = proxy;
  return { by: "http", ...healthcheck, port: healthcheck.port ?? appPort };
}
