import type { HostName, RoleName } from "../../core/words.ts";
import type { Fleet, FoundHost } from "../../providers/release/fleet.ts";
import { type Place, places } from "../../providers/release/places.ts";
import { type Declared, type LiveContainer, liveOn } from "../stack/release.ts";

/** A host that does not run what its stack released last, in words. */
export interface Difference {
  readonly host: HostName;
  readonly text: string;
  /** It could not be asked. */
  readonly isUnknown: boolean;
}

/** Where something else is live than the release that a stack's state records; empty: all of its hosts run it. A canary is no part of it. Pure. */
export function differencesFrom(inputs: Declared, fleet: Fleet): Difference[] {
  const wanted = places(inputs).filter(({ track }) => track === "release");
  const slots = new Map(wanted.map(({ slot, host, role }) => [slot, { host, role }]));
  const silent = new Set<HostName>();
  return [...slots.values()].flatMap(({ host, role }): Difference[] => {
    const found = fleet[host];
    if (found?.kind !== "reached") {
      if (silent.has(host)) return [];
      silent.add(host);
      return [{ host, text: `cannot be asked: ${found?.reason ?? "it was not looked at"}`, isUnknown: true }];
    }
    const here = wanted.filter((place) => place.host === host && place.role === role);
    const text = differenceOn(here, liveRole(inputs, host, role, found));
    return text === undefined ? [] : [{ host, text: `${role} ${text}`, isUnknown: false }];
  });
}

const liveRole = (inputs: Declared, host: HostName, role: RoleName, found: FoundHost): LiveContainer[] =>
  liveOn(inputs, host, found).filter((container) => container.role === role && container.running && !container.canary);

function differenceOn(wanted: readonly Place[], live: readonly LiveContainer[]): string | undefined {
  const names = new Set(wanted.map(({ container }) => container));
  const others = live.filter(({ name }) => !names.has(name)).map(({ release }) => release);
  if (others.length > 0) return `runs ${[...new Set(others)].join(", ")}`;
  if (live.length === names.size) return undefined;
  return live.length === 0 ? "is not running" : `runs ${live.length} of ${names.size} containers`;
}
