import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { unlessAborted } from "../../core/unless-aborted.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import { type Address, acquireAll, type Host, operator, spanOf, waitingText } from "../../hosts/index.ts";
import { hostsAt } from "../stack/access.ts";
import type { Stack } from "../stack/read-stack.ts";
import { notice } from "../terminal/failure.ts";

interface Locking {
  readonly message: string | undefined;
  /** How long to wait for runs that are changing a host. */
  readonly wait: Seconds;
}

/** Holds the leases of all hosts of a stack until Ctrl-C. */
export async function lockUntilInterrupted(apps: readonly [Stack, ...Stack[]], { message, wait }: Locking): Promise<void> {
  const [{ access, stack }] = apps;
  const hosts = hostsAt(access);
  const reason = message === undefined ? "" : ` (${message})`;
  const asked = interrupted();
  try {
    const addresses = Object.assign({}, ...apps.map(hostsOf)) as Readonly<Record<HostName, Address>>;
    const wanted = Object.values(addresses).map((address) => hosts.at(address));
    const leases = await acquireAll(wanted, `${operator(stack)}${reason}`, {
      // It changes nothing.
      freeze: "pass",
      deadline: () => Deadline.in(wait),
      waiting: (host, holder) => console.error(waitingText(host, holder, { longest: wait })),
      warn: (host, text) => console.error(`warning: ${host}: ${text}`),
    });
    const began = performance.now();
    try {
      const names = wanted.map(({ name }) => name).sort();
      console.error(`locked ${names.join(", ")}: no other run can change them until you press Ctrl-C`);
      await unlessAborted(asked, leases.lost, () => {
        throw lockLost(leases.lost.reason);
      });
    } finally {
      await leases.release();
    }
    await noteEnd(wanted, { who: operator(stack), what: `slipway lock${reason}` }, (performance.now() - began) / 1000);
  } finally {
    await hosts.close();
  }
}

/** Those of the app; without one, those of the accessories. */
const hostsOf = ({ inputs, accessories }: Stack): Readonly<Record<HostName, Address>> =>
  Object.keys(inputs.roles).length > 0 ? inputs.hosts : Object.fromEntries(accessories.map(({ host }) => [host.name, host]));

async function noteEnd(hosts: readonly Host[], entry: Parameters<Host["note"]>[0], held: Seconds): Promise<void> {
  const written = await Promise.allSettled(hosts.map((host) => host.note(entry, `held for ${spanOf(held)}`)));
  hosts.forEach(({ name }, at) => {
    if (written[at]?.status === "rejected") notice(`${name}: could not write this to its journal`);
  });
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

const lockLost = (cause: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "LEASE_LOST",
      what: "the lock was lost with its connection: other runs may change the hosts again",
      servesNow: "what served before",
      next: "run slipway lock again",
    },
    { cause },
  );
