import { reasonOf, SlipwayError } from "../../core/error.ts";
import type { ConnectionLost } from "../../hosts/index.ts";

/** A lost connection where no step has a better story for it. @param next what to do */
export const lossOf = (lost: ConnectionLost, next: string): SlipwayError =>
  new SlipwayError(
    {
      code: "CONNECTION_LOST",
      what: reasonOf(lost, lost.host),
      host: lost.host,
      servesNow: "what served before; whether the last change took effect is unknown",
      next,
    },
    { cause: lost },
  );
