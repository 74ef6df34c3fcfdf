import { type Config, containersOf, takenNames } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ContainerName, HostName } from "../../core/words.ts";
import type { Server } from "../server/server.ts";

/** A part of the program that has containers of some name on a server. */
interface Holder {
  /** `the app shop` */
  readonly who: string;
  /** Whether it is an accessory without an app. */
  readonly isAlone: boolean;
}

/** Of each server of this program, who has which names. */
const holders = new WeakMap<Server, Map<ContainerName, Holder>>();

/**
 * Refuses an accessory without an app that would have a name of an app, or of another such accessory, on one server. On the host both would
 * carry the label of this stack, so that each would be taken for the other's.
 */
export function refuseSharedNames(who: string, config: Config, servers: ReadonlyMap<HostName, Server>): void {
  const isAlone = config.roles.length === 0;
  for (const [host, server] of servers) {
    const held = holders.get(server) ?? new Map<ContainerName, Holder>();
    holders.set(server, held);
    for (const name of namesOn(host, config)) {
      const other = held.get(name);
      if (other !== undefined && (isAlone || other.isAlone)) throw shared(name, host, other.who, who);
      held.set(name, { who, isAlone });
    }
  }
}

function namesOn(host: HostName, { roles, accessories, ...app }: Config): Set<ContainerName> {
  const own = accessories.filter(({ hosts }) => hosts.includes(host)).flatMap(containersOf);
  return new Set([...own, ...takenNames(roles, app).keys()].filter((name) => name !== "kamal-proxy"));
}

const shared = (name: ContainerName, host: HostName, one: string, other: string): SlipwayError =>
  new SlipwayError({
    code: "CONFIG_INVALID",
    what: `${one} and ${other} would both use the name ${name} on ${host}`,
    servesNow: NOTHING_TOUCHED,
    next: "give the accessory another name, by its own name or by service in its arguments",
  });
