import { digestIn } from "../../core/image-reference.ts";
import { configsOf } from "../../core/stored-image.ts";
import type { Fleet } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Operation } from "./operation.ts";
import { places } from "./places.ts";
import { removedBy } from "./plan-tidying.ts";

/**
 * Removes images that no container uses when the plan is carried out. The image of the release itself stays: a release may have been
 * refused, and be tried again.
 */
export const planImages = (wanted: ReleaseInputs, fleet: Fleet, changes: readonly Operation[]): Operation[] =>
  Object.entries(fleet).flatMap(([host, found]) => {
    if (found.kind !== "reached") return [];
    const own = [...found.containers, ...found.commands, ...found.helpers];
    const removed = removedBy(changes, host);
    const kept = new Set(places(wanted).flatMap((place) => (place.host === host ? [digestIn(place.image)] : [])));
    const configs = new Set(configsOf(wanted.__stored));
    return found.images
      .filter(({ id }) => !configs.has(id))
      .filter(({ id }) => !own.some((one) => one.image === id && !removed.has(one.id)))
      .filter(({ digests }) => !digests.some((digest) => kept.has(digestIn(digest))))
      .map(({ id, digests: [digest = id] }): Operation => {
        const because = own.some(({ image }) => image === id) ? "freed" : "leftover";
        return { do: "remove-image", host, id, digest, because };
      });
  });
