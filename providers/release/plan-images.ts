import type { HostName } from "../../core/words.ts";
import type { Fleet, FoundImage } from "./fleet.ts";
import { places, type ReleaseInputs } from "./inputs.ts";
import type { OperationOf } from "./operation.ts";

/** Takes away images that no container uses, unless the release wants them there: it may have been refused, and be tried again. */
export const planImages = (wanted: ReleaseInputs, fleet: Fleet): OperationOf<"prune">[] =>
  Object.entries(fleet).flatMap(([host, found]) => (found.reach === "reached" ? prunesOn(wanted, host, found.images) : []));

/** @param unused those of the app's repository that no container of the host uses */
export function prunesOn(wanted: ReleaseInputs, host: HostName, unused: readonly FoundImage[]): OperationOf<"prune">[] {
  const kept = new Set(places(wanted).flatMap((place) => (place.host === host ? [digestOf(place.image)] : [])));
  return unused
    .filter(({ digests }) => !digests.some((digest) => kept.has(digestOf(digest))))
    .map(({ id, digests: [digest = id] }) => ({ do: "prune", host, id, digest }));
}

const digestOf = (image: string): string => image.slice(image.indexOf("@") + 1);
