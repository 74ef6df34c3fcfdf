import { reasonOf, SlipwayError } from "../../core/error.ts";
import { type Address, ConnectionLost, DockerUnavailable, type Host, Unreachable } from "../../hosts/index.ts";
import { forgetCommand } from "../pulumi/forgotten.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "./lease.ts";
import { throughLosses } from "./reconnect.ts";

/** What is removed from one host. */
interface Withdrawal {
  readonly host: Address;
  /** As in "… cannot be removed from web-1": `the firewall`. */
  readonly what: string;
}

/**
 * Removes something from one host, with the host's lease. Every `withdraw` of something on a host goes through here or through
 * `reachable`: gone is only what is known to be gone. A host that cannot be asked keeps what runs there, so the run fails and the
 * resource stays in the state, unless the user gives up the host with `slipway:forget`. `work` is called again after a lost connection,
 * and then finds less to remove.
 */
export async function withdrawFrom(
  { host: address, what }: Withdrawal,
  run: Run,
  work: (host: Host) => Promise<void>,
): Promise<void> {
  const where = () => ({ host: address.name, servesNow: `what was not removed yet of ${what}` });
  await explainingLoss(what, [address], run, () =>
    throughLosses(run.report, where, async () => {
      const [host] = await reachable([address], what, run);
      if (host === undefined) return;
      await withLeases([host], run, () => withDocker(host, what, run, () => work(host)));
    }),
  );
}

/** Does `work`. A connection that is lost meanwhile leaves a part of it undone, and the resource in the state. */
export async function explainingLoss<T>(
  what: string,
  hosts: readonly Address[],
  { forgotten }: Run,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const loss = lossIn(thrown);
    if (loss === undefined) throw thrown;
    const lost = hosts.filter(({ name }) => !(loss instanceof ConnectionLost) || name === loss.host);
    const names = lost.map(({ name }) => name).join(", ");
    throw new Unreachable(
      {
        code: "CONNECTION_LOST",
        what: `${what} could not be removed from ${names}: ${reasonOf(loss, names)}`,
        servesNow: `what served before; ${names} keeps what was not removed yet`,
        next: `check that the host and the network are up, then run it again: it continues from what it finds; only if the host is gone for good, leave what is there: ${forgetCommand(lost.map(entryFor), forgotten)}`,
      },
      { cause: thrown },
    );
  }
}

/** Why a connection is lost, also after all attempts to make it again. */
function lossIn(thrown: unknown): unknown {
  if (thrown instanceof ConnectionLost) return thrown;
  if (thrown instanceof Unreachable || !(thrown instanceof SlipwayError)) return undefined;
  return thrown.story.code === "CONNECTION_LOST" ? thrown.cause : undefined;
}

/** The same of what is part of a server, as its proxy and its firewall: a server that this stack made is deleted with them. */
export const withdrawFromServer = (withdrawal: Withdrawal, run: Run, work: (host: Host) => Promise<void>): Promise<void> => {
  const withdraw = () => withdrawFrom(withdrawal, run, work);
  return withdrawal.host.made === true ? beforeServer(withdrawal, run, withdraw) : withdraw();
};

/** Before its server is deleted, with all that runs there, something is removed in good order; a server that is gone needs none. */
export async function beforeServer<T>({ host, what }: Withdrawal, run: Run, withdraw: () => Promise<T>): Promise<T | undefined> {
  try {
    return await withdraw();
  } catch (thrown) {
    if (!(thrown instanceof Unreachable)) throw thrown;
    run.report.warn(
      `${host.name} keeps ${what} until this server of the stack is deleted: ${thrown.story.evidence?.[0] ?? thrown.story.what}`,
    );
    return undefined;
  }
}

/**
 * The hosts that something is removed from, connected: all but those that the user gives up. Throws before anything is changed if one
 * of the others cannot be reached.
 */
export async function reachable(hosts: readonly Address[], what: string, run: Run): Promise<Host[]> {
  for (const { name } of hosts.filter(run.forgotten.has))
    run.report.warn(`${name} is given up (slipway:forget): ${what} stays there as it is`);
  const wanted = hosts.filter((host) => !run.forgotten.has(host));
  const asked = await Promise.all(
    wanted.map(async (address) => {
      const host = run.hosts.at(address);
      return { address, host, thrown: await connect(host) };
    }),
  );
  requireAsked(
    what,
    asked.flatMap(({ address, thrown }) => (thrown === undefined ? [] : [{ address, thrown }])),
    run,
  );
  return asked.map(({ host }) => host);
}

/**
 * Does `work`, which asks Docker. Docker that does not answer may still run the containers; where it is not installed, none of them
 * runs.
 */
export async function withDocker<T>(host: Host, what: string, run: Run, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof DockerUnavailable)) throw thrown;
    if (thrown.kind !== "missing") requireAsked(what, [{ address: host.address, thrown }], run);
    run.report.say(`${host.name}: Docker is not installed, so nothing of ${what} runs there`);
    return undefined;
  }
}

/** What the connection failed with. */
const connect = (host: Host): Promise<unknown> =>
  host.connect().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

export interface Failure {
  readonly address: Address;
  readonly thrown: unknown;
}

/** Throws what a person must know of hosts that could not be asked. */
export function requireAsked(what: string, failures: readonly Failure[], { forgotten }: Run): void {
  const [first] = failures;
  if (first === undefined) return;
  if (!(first.thrown instanceof SlipwayError)) throw first.thrown;
  const { code, evidence = [], next } = first.thrown.story;
  const hosts = failures.map(({ address }) => address);
  const names = hosts.map(({ name }) => name).join(", ");
  const [keep, are] = hosts.length === 1 ? ["keeps", "the host is"] : ["keep", "these hosts are"];
  throw new Unreachable(
    {
      code,
      what: `${what} cannot be removed from ${names}, which cannot be asked`,
      evidence: [...failures.map(({ address: { name }, thrown }) => `${name}: ${reasonOf(thrown, name)}`), ...evidence],
      servesNow: `what served before; ${names} ${keep} ${what}`,
      next: `${next}; only if ${are} gone for good, leave what is there: ${forgetCommand(hosts.map(entryFor), forgotten)}`,
    },
    { cause: first.thrown },
  );
}

/** A machine that lost its name to another one is known by its address. */
const entryFor = ({ name, address, port }: Address): string => (/^\S+$/.test(name) ? name : `${address}:${port}`);
