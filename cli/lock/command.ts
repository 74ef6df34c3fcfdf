import { Command, InvalidArgumentError } from "commander";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { unlessAborted } from "../../core/unless-aborted.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import type { Address } from "../../hosts/index.ts";
import { type StackOptions, stackOption } from "../stack/option.ts";
import type { Stack } from "../stack/read-stack.ts";

interface Options extends StackOptions {
  readonly message?: string;
  readonly wait: Seconds;
}

const DEFAULT_WAIT: Seconds = 600;

export const command = (): Command =>
  new Command("lock")
    .addOption(stackOption())
    .option("-m, --message <text>", "the reason, shown to those who wait")
    .option("--wait <seconds>", "how long to wait for another run that is changing a host", seconds, DEFAULT_WAIT)
    .addHelpText(
      "after",
      "\nUntil Ctrl-C, all other runs wait and show who holds the lock. It ends with this process, so it cannot be left behind.",
    )
    .action(lock);

function seconds(text: string): Seconds {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError("It must be a number of seconds.");
  return value;
}

async function lock({ message, wait, ...options }: Options): Promise<void> {
  const { readApps } = await import("../stack/read-stack.ts");
  const [apps, { hostsAt }, { acquireAll, operator, waitingText }] = await Promise.all([
    readApps(options),
    import("../stack/access.ts"),
    import("../../hosts/index.ts"),
  ]);
  const [{ access, stack }] = apps;
  const hosts = hostsAt(access);
  const owner = `${operator(stack)}${message === undefined ? "" : ` (${message})`}`;
  const asked = interrupted();
  try {
    const addresses = Object.assign({}, ...apps.map(hostsOf)) as Readonly<Record<HostName, Address>>;
    const wanted = Object.values(addresses).map((address) => hosts.at(address));
    const leases = await acquireAll(wanted, owner, {
      deadline: () => Deadline.in(wait),
      waiting: (host, holder) => console.error(waitingText(host, holder, { longest: wait })),
      warn: (host, text) => console.error(`warning: ${host}: ${text}`),
    });
    try {
      const names = wanted.map(({ name }) => name).sort();
      console.error(`locked ${names.join(", ")}: no other run can change them until you press Ctrl-C`);
      await unlessAborted(asked, leases.lost, () => {
        throw lockLost(leases.lost.reason);
      });
    } finally {
      await leases.release();
    }
  } finally {
    await hosts.close();
  }
}

/** Those of the app; without one, those of the accessories. */
const hostsOf = ({ inputs, accessories }: Stack): Readonly<Record<HostName, Address>> =>
  Object.keys(inputs.roles).length > 0 ? inputs.hosts : Object.fromEntries(accessories.map(({ host }) => [host.name, host]));

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
