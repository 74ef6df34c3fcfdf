import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { type Host, type Hosts, Unreachable } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { arrive } from "../steps/arrive.ts";
import type { HardeningInputs } from "./inputs.ts";

/** Who logs in once the host is hardened. */
export const hardened = ({ host, user }: Pick<HardeningInputs, "host" | "user">): HardeningInputs["host"] => ({ ...host, user });

/**
 * The host as the user who should log in, else as one who did before.
 *
 * @param before who logged in after an earlier hardening, which refuses the first user since
 */
export async function wayIn(inputs: HardeningInputs, hosts: Hosts, before?: string): Promise<Host> {
  const users = [...new Set([inputs.user, before ?? inputs.user, inputs.host.user])];
  for (const user of users.slice(0, -1)) {
    const host = hosts.at({ ...inputs.host, user });
    try {
      await host.connect();
      return host;
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
    }
  }
  const last = hosts.at({ ...inputs.host, user: users.at(-1) ?? inputs.user });
  await last.connect();
  return last;
}

/** What is known of a host before anybody is in. */
export interface Arrival {
  /** What it may take; 0 for a machine that exists. */
  readonly patience: Seconds;
  /** Who logged in after an earlier hardening. */
  readonly before?: string | undefined;
}

/** The same for a machine that may not be up yet: as long as nobody gets in as the new user, it is the first one that is waited for. */
export async function arriveBy(inputs: HardeningInputs, { patience, before }: Arrival, { hosts, report }: Run): Promise<Host> {
  if (patience === 0) return wayIn(inputs, hosts, before);
  const own = hosts.at(hardened(inputs));
  try {
    await own.connect();
    return own;
  } catch (thrown) {
    if (!(thrown instanceof Unreachable) || thrown.obstacle === "distrust") throw thrown;
  }
  const first = hosts.at(inputs.host);
  await arrive(first, Deadline.in(patience), report);
  return first;
}

const isRefusal = (thrown: unknown): boolean => thrown instanceof Unreachable && thrown.obstacle === "login";
