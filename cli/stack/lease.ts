import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { type Host, type Lease, waitingText } from "../../hosts/index.ts";
import { notice } from "../terminal/failure.ts";

/** How long a command waits for another run that is changing the host. */
const PATIENCE: Seconds = 600;

/** The right to change a host. While another run has it, this prints whom it waits for. */
export const leaseOf = (host: Host, owner: string): Promise<Lease> =>
  host.lease(owner, {
    deadline: Deadline.in(PATIENCE),
    waiting: (holder) => notice(waitingText(host.name, holder, { longest: PATIENCE })),
    warn: notice,
  });
