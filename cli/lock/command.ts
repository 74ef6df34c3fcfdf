import { Command, InvalidArgumentError } from "commander";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import type { Host, Lease } from "../../hosts/index.ts";
import { type StackOptions, stackOption } from "../stack/option.ts";

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
  const { readStack } = await import("../stack/read-stack.ts");
  const [stack, { hostsAt }, { operator }] = await Promise.all([
    readStack(options),
    import("../stack/access.ts"),
    import("../../hosts/index.ts"),
  ]);
  const hosts = hostsAt(stack.access);
  const owner = `${operator()}${message === undefined ? "" : ` (${message})`}`;
  const leases: Lease[] = [];
  const asked = interrupted();
  try {
    const wanted = Object.values(stack.inputs.hosts).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const address of wanted) leases.push(await take(hosts.at(address), owner, wait));
    console.error(`locked ${wanted.map(({ name }) => name).join(", ")}: no other run can change them until you press Ctrl-C`);
    await Promise.race([asked, ...leases.map(lost)]);
  } finally {
    await Promise.allSettled(leases.map((lease) => lease.release()));
    await hosts.close();
  }
}

function take(host: Host, owner: string, wait: Seconds): Promise<Lease> {
  const waiting = (holder: string) => console.error(`waiting for ${host.name}, which ${holder} is changing`);
  return host.lease(owner, { deadline: Deadline.in(wait), waiting });
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

const lost = ({ lost }: Lease): Promise<never> =>
  new Promise((_resolve, reject) => {
    lost.addEventListener("abort", () => reject(lockLost(lost.reason)), { once: true });
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
