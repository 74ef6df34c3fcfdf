import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { acquireAll, type Entry, type Host, operator, waitingText } from "../../hosts/index.ts";
import { hostsAt } from "../stack/access.ts";
import type { Stack } from "../stack/read-stack.ts";
import { notice } from "../terminal/failure.ts";
import { type Place, placesOf } from "./places.ts";
import { type FreezeReport, freezeReport } from "./report.ts";

export interface Freezing {
  readonly seconds: Seconds;
  readonly why: string;
  /** How long to wait for runs that are changing a host. */
  readonly wait: Seconds;
}

interface Located extends Place {
  readonly host: Host;
}

/** Freezes the apps of a stack on all of their hosts, once no run is changing one of these; a freeze that is there already is replaced. */
export async function freezeAll(
  apps: readonly [Stack, ...Stack[]],
  { seconds, why, wait }: Freezing,
): Promise<readonly FreezeReport[]> {
  const [{ access, stack }] = apps;
  await using hosts = hostsAt(access);
  const places = placesOf(apps).map((place) => ({ ...place, host: hosts.at(place.address) }));
  const by = operator(stack);
  const leases = await acquireAll(
    places.map(({ host }) => host),
    `${by} (slipway lock)`,
    {
      // A new freeze takes the place of the one before it.
      freeze: "pass",
      entry: { who: by, what: `slipway lock --for ${seconds} s${why === "" ? "" : `: ${why}`}` },
      deadline: () => Deadline.in(wait),
      waiting: (host, holder) => notice(waitingText(host, holder, { longest: wait })),
      warn: (host, text) => notice(`warning: ${host}: ${text}`),
    },
  );
  let result = "failed";
  try {
    await Promise.all(places.map((place) => freezeOn(place, { seconds, why, by })));
    result = "frozen";
  } catch (thrown) {
    // Half of a freeze would let a run change the other hosts.
    await Promise.allSettled(places.flatMap(({ host, apps: names }) => names.map((app) => host.thaw(app))));
    throw thrown;
  } finally {
    await leases.release(result);
  }
  return await Promise.all(places.map(lookAt));
}

async function freezeOn(
  { host, apps }: Located,
  freezing: { readonly seconds: Seconds; readonly why: string; readonly by: string },
): Promise<void> {
  const kept = await Promise.all(apps.map((app) => host.freeze({ ...freezing, app })));
  if (kept.includes("until reboot"))
    notice(
      `warning: ${host.name}: the freeze ends with a reboot of the host; for one that stays, there, as root: install -d -m 2770 -g docker /var/lib/slipway`,
    );
}

const lookAt = async ({ host, apps }: Located): Promise<FreezeReport> => {
  const found = await host.freezes();
  return freezeReport(
    host.name,
    found.filter(({ app }) => apps.includes(app)),
  );
};

/** Ends the freezes of a stack's apps on all of their hosts. @returns what was frozen */
export async function thawAll(apps: readonly [Stack, ...Stack[]]): Promise<readonly FreezeReport[]> {
  const [{ access, stack }] = apps;
  await using hosts = hostsAt(access);
  const places = placesOf(apps).map((place) => ({ ...place, host: hosts.at(place.address) }));
  const before = await Promise.all(places.map(lookAt));
  const entry: Entry = { who: operator(stack), what: "slipway unlock" };
  await Promise.all(
    places.map(async ({ host }, at) => {
      const freezes = before[at]?.freezes ?? [];
      await Promise.all(freezes.map(({ app }) => host.thaw(app)));
      if (freezes.length > 0) await host.note(entry, `ended the freeze by ${freezes.map(({ by }) => by).join(", ")}`);
    }),
  );
  return before;
}

/** What keeps runs from changing the hosts of a stack: freezes, and runs that are changing them now. Changes nothing. */
export async function lockStatus(apps: readonly [Stack, ...Stack[]]): Promise<readonly FreezeReport[]> {
  const [{ access }] = apps;
  await using hosts = hostsAt(access);
  return await Promise.all(
    placesOf(apps).map(async ({ address, apps: names }) => {
      const host = hosts.at(address);
      try {
        const [found, holders] = await Promise.all([host.freezes(), host.holders()]);
        return freezeReport(
          host.name,
          found.filter(({ app }) => names.includes(app)),
          holders,
        );
      } catch (thrown) {
        return freezeReport(host.name, [], [], thrown);
      }
    }),
  );
}
