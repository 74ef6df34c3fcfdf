import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { chooseHosts, chooseRoles } from "../stack/choose.ts";
import { type Declared, findAll, findLive, isOf, type LiveContainer } from "../stack/release.ts";
import type { LogContainer, LogSource } from "./source.ts";

export interface ReleaseLogOptions {
  readonly role?: readonly string[];
  readonly host?: readonly string[];
  readonly release?: string;
}

/** The logs of the live release, or of the named one. */
export function releaseLogs(inputs: Declared, { role, host, release }: ReleaseLogOptions): LogSource {
  const roles = new Set(chooseRoles(inputs, role));
  const wants = (container: LiveContainer): boolean =>
    roles.has(container.role) && (release === undefined || isOf(release, inputs, container));
  const wanted = async (found: Promise<LiveContainer[]>) => (await found).filter(wants).map(shown);
  return {
    hosts: chooseHosts(inputs, host),
    find: (at) => wanted((release === undefined ? findLive : findAll)(inputs, at)),
    findAll: (at) => wanted(findAll(inputs, at)),
    nothing: () => nothing(release, [...(role ?? []), ...(host ?? [])]),
  };
}

const shown = ({ host, role, replica, id, running }: LiveContainer): LogContainer => ({
  host,
  id,
  running,
  source: `${host}/${role}${replica > 1 ? `.${replica}` : ""}`,
});

const nothing = (release: string | undefined, named: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "UNKNOWN_NAME",
    what: `no container of ${release === undefined ? "the live release" : `release ${release}`} was found${named.length === 0 ? "" : ` for ${named.join(", ")}`}`,
    servesNow: NOTHING_TOUCHED,
    next: "see slipway status; choose another release with --release",
  });
