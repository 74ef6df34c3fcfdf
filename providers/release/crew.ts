import type { HostName } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { ReleaseInputs } from "./inputs.ts";

/** The hosts of one release, by name. */
export type Crew = ReadonlyMap<HostName, Host>;

export function crewOf(inputs: ReleaseInputs, run: Run): Crew {
  return new Map(Object.values(inputs.hosts).map((address) => [address.name, run.hosts.at(address)]));
}

export function hostOf(crew: Crew, name: HostName): Host {
  const host = crew.get(name);
  if (host === undefined) throw new TypeError(`no host ${name} in this release`);
  return host;
}

/**
 * Runs the same step for many, side by side. The first failure aborts the signal, so that the others need not wait for what no
 * longer matters; it is thrown when all have ended.
 */
export async function together<T, R>(items: readonly T[], step: (item: T, givenUp: AbortSignal) => Promise<R>): Promise<R[]> {
  const stop = new AbortController();
  const results = await Promise.allSettled(
    items.map((item) =>
      step(item, stop.signal).catch((thrown: unknown) => {
        stop.abort(thrown);
        throw thrown;
      }),
    ),
  );
  stop.signal.throwIfAborted();
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
