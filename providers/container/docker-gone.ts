import { messageOf, SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import { isExplained } from "../steps/explained.ts";

/** What Docker says of a request that it is busy with when it is stopped, or Node of an answer that ends without an end. */
const STOPPED =
  /context canceled|client connection is closing|failed to send write: EOF|code = (?:Unavailable|Canceled)|^aborted$|premature close|socket hang up/i;

/** The failure of a pull as it is, or, if that was because Docker was stopped meanwhile, with that reason. */
export function withStop(host: HostName, thrown: unknown): unknown {
  if (isExplained(thrown) || !STOPPED.test(messageOf(thrown))) return thrown;
  return new SlipwayError(
    {
      code: "DOCKER_UNAVAILABLE",
      what: "Docker on this host was stopped or restarted while it pulled the image",
      host,
      evidence: [messageOf(thrown)],
      servesNow: "what served before, as far as Docker runs; nothing was switched",
      next: `on ${host}: systemctl status docker; when it runs, run pulumi up again`,
    },
    { cause: thrown },
  );
}
