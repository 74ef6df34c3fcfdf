import type { Deadline } from "../../core/deadline.ts";
import type { RoleSpec } from "../../core/release/role.ts";
import type { RoleName } from "../../core/words.ts";
import { KAMAL_PROXY } from "../../hosts/index.ts";
import type { Candidate as ContainerCandidate } from "../container/candidate.ts";
import { UNKNOWN_HOST } from "../container/cause/answer.ts";
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
    limit: "slipway:deploy_timeout",
    names: candidate.place.spec.proxy?.hosts ?? [],
  };
  return proveContainer(candidate, proof, saw, givenUp);
}

/** The check of a candidate; `undefined` where neither its role nor its image has one. */
export async function checkOf(candidate: Candidate, deadline: Deadline): Promise<Check | undefined> {
  const { role, spec } = candidate.place;
  const ready = readinessOf(spec);
  const check = await checkOfContainer(candidate, ready, KAMAL_PROXY.network, deadline);
  return check && { ...check, next: ({ said }) => nextAfter(said, ready, role, spec.ready.by === "route") };
}

/** What to do about a check that failed, where its last answer has a known cause. Pure. */
export function nextAfter(said: string, ready: Asked, role: RoleName, isRouted: boolean): string | undefined {
  const own = `slipway:servers.${role}`;
  if (ready.by === "docker")
    return `make the image's HEALTHCHECK pass, replace it with ${own}.healthcheck, or switch it off with ${own}.options.no_healthcheck: true`;
  if (ready.by !== "http" || !UNKNOWN_HOST.has(said)) return undefined;
  const key = isRouted ? "slipway:proxy.healthcheck.host" : `${own}.healthcheck.host`;
  const asked = ready.host === undefined ? "its address" : ready.host;
  return `if the app does not accept the host name ${asked}, set ${key} to one that it accepts; else fix what the evidence shows`;
}

type Asked = Exclude<RoleSpec["ready"], { by: "route" }>;

/** The check of a route is asked of the container itself. */
function readinessOf({ ready, proxy }: RoleSpec): Asked {
  if (ready.by !== "route") return ready;
  if (proxy === undefined) throw new TypeError("the role is checked by its route and has none");
  const { healthcheck, appPort } = proxy;
  return { by: "http", ...healthcheck, port: healthcheck.port ?? appPort };
}
