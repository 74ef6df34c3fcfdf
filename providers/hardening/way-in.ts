import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { type Host, type Hosts, Unreachable } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { waitUntilReady } from "../steps/wait-until-ready.ts";
import type { HardeningInputs } from "./inputs.ts";

/** The address with the user who logs in once the host is hardened. */
export const hardened = ({ host, user }: Pick<HardeningInputs, "host" | "user">): HardeningInputs["host"] => ({ ...host, user });

/**
 * The host as the declared user, or else as a user who logged in before.
 *
 * @param before the user of an earlier hardening, since when the first user is refused
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

/** What is known of a host before the first login. */
export interface Arrival {
  /** How long to wait for it; 0 for an existing machine. */
  readonly patience: Seconds;
  /** The user of an earlier hardening. */
  readonly before?: string | undefined;
}

/** The same for a machine that may not be ready yet: unless the new user can log in already, waits for the first user. */
export async function enter(inputs: HardeningInputs, { patience, before }: Arrival, { hosts, report }: Run): Promise<Host> {
  if (patience === 0) return wayIn(inputs, hosts, before);
  const own = hosts.at(hardened(inputs));
  try {
    await own.connect();
    return own;
  } catch (thrown) {
    if (!(thrown instanceof Unreachable) || thrown.obstacle === "distrust") throw thrown;
  }
  const first = hosts.at(inputs.host);
  await waitUntilReady(first, Deadline.in(patience), report);
  return first;
}

const isRefusal = (thrown: unknown): boolean => thrown instanceof Unreachable && thrown.obstacle === "login";
