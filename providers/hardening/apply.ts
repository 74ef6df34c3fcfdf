import { Deadline } from "../../core/deadline.ts";
import { messageOf, NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { asRoot, ConnectionLost, type Host, needsRoot, Unreachable, wasRefusedRoot } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { onTrial, TRIAL } from "../steps/trial.ts";
import { DROP_IN, DROP_IN_TEXT, EFFECTIVE } from "./drop-in.ts";
import type { FoundHardening, HardeningInputs } from "./inputs.ts";
import { observeHardening } from "./observe.ts";
import { describeHardening, planHardening } from "./plan.ts";
import { ACCOUNT, PLACE, TRY } from "./script.ts";
import { type Arrival, arriveBy, hardened } from "./way-in.ts";

/** For a new connection of the new user to get in; sshd is away for a moment while it reads its files anew. */
const NEW_CONNECTION: Seconds = 10;

/** Hardens one host as declared; what is right already is not touched. */
export async function convergeHardening(inputs: HardeningInputs, arrival: Arrival, run: Run): Promise<FoundHardening> {
  const host = await arriveBy(inputs, arrival, run);
  const own = run.hosts.at(hardened(inputs));
  const done = await withLeases([host], run, async (held) => {
    const found = await observeHardening(inputs, host);
    if (found.kind === "forbidden") throw needsRoot(host.address, "only root may harden SSH", found.reason);
    const operations = planHardening(inputs, found);
    for (const operation of operations) {
      held(host.name);
      run.report.status(describeHardening(operation, inputs));
      await (operation.do === "account" ? letIn(inputs, host, run) : close(inputs, host, run));
    }
    return operations;
  });
  // The groups of a connection are those that the user had when it was made.
  if (done.some((operation) => operation.do === "account")) await own.renew();
  if (host !== own) await host.close();
  return observeHardening(inputs, own);
}

/** Until the new user has got in, and is root by sudo, nothing is taken from anybody. */
async function letIn(inputs: HardeningInputs, host: Host, run: Run): Promise<void> {
  const account = asRoot(host.address, ["sh", "-c", ACCOUNT, "slipway-hardening", inputs.user, host.address.user]);
  const ran = await host.change("make user", () => host.run(account));
  if (wasRefusedRoot(ran)) throw needsRoot(host.address, "only root may make a user", ran.stderr);
  if (ran.code !== 0) throw noAccount(inputs, ran.stderr);
  try {
    await comeAnew(inputs, run);
  } catch (thrown) {
    throw cannotLogIn(inputs, NOTHING_CLOSED, thrown);
  }
}

/** Root is refused on trial until the new user has got in once more. Our first connection is open all the time. */
async function close(inputs: HardeningInputs, host: Host, run: Run): Promise<void> {
  await comeAnew(inputs, run).catch((thrown: unknown) => {
    throw cannotLogIn(inputs, NOTHING_CLOSED, thrown);
  });
  await onTrial(host, {
    ...{ name: "slipway-hardening", place: PLACE, script: TRY, args: [DROP_IN_TEXT, ...EFFECTIVE] },
    says: { tried: "harden sshd", kept: "keep sshd hardened" },
    prove: () => comeAnew(inputs, run),
    failed: {
      atOnce: ({ code, stderr }) => notTaken(host, code, stderr),
      proof: (undone, thrown) => {
        const told = undone ? "was taken back" : `is taken back by the host within ${TRIAL} s`;
        return cannotLogIn(inputs, `the hardening of sshd ${told}`, thrown);
      },
      tooLate: ({ stderr }) => tooLate(host, stderr),
    },
  });
}

const NOTHING_CLOSED = "sshd was not changed";

/** A connection that nobody had before, as the new user, who acts as root on it. */
async function comeAnew(inputs: HardeningInputs, run: Run): Promise<void> {
  const deadline = Deadline.in(NEW_CONNECTION);
  let last: unknown;
  const enter = async (): Promise<true | undefined> => {
    const anew = run.hosts.apart(hardened(inputs));
    try {
      await anew.connect(deadline.remaining / 1000);
      const { code, stderr } = await anew.run(["sudo", "-n", "true"], { deadline });
      if (code !== 0) throw new Error(`no sudo: ${stderr.trim()}`);
      return true;
    } catch (thrown) {
      last = thrown;
      if (isPassing(thrown)) return undefined;
      throw thrown;
    } finally {
      await anew.close();
    }
  };
  await deadline.until(enter, () => (last instanceof Error ? last : new Error("no answer in time")));
}

/** sshd was away for a moment. */
const isPassing = (thrown: unknown): boolean =>
  thrown instanceof ConnectionLost ||
  (thrown instanceof Unreachable && (thrown.obstacle === "refused" || thrown.obstacle === "closed"));

const cannotLogIn = ({ host, user }: HardeningInputs, told: string, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      what: `${user} cannot log in with the keys of ${host.user}, so ${told}`,
      host: host.name,
      evidence: [reasonOf(thrown, host.name), ...(thrown instanceof SlipwayError ? (thrown.story.evidence ?? []) : [])],
      servesNow: `what served before; ${host.user} logs in as before`,
      next: `see why, on ${host.name}, as root: sshd -T | grep -E '^(allow|deny)(users|groups)|^authorizedkeysfile'; tail /var/log/auth.log`,
    },
    { cause: thrown },
  );

const noAccount = ({ host, user }: HardeningInputs, stderr: string): SlipwayError =>
  new SlipwayError({
    what: `${user} could not be given an account with sudo`,
    host: host.name,
    evidence: stderr.trim().split("\n").slice(0, 5),
    servesNow: NOTHING_TOUCHED,
    next: /sudo is not installed/.test(stderr)
      ? `install it, on ${host.name}, as root: apt-get install -y sudo`
      : "correct what the evidence shows, then run pulumi up again",
  });

const TAKEN: Readonly<Record<number, string>> = {
  65: "sshd does not take the hardened configuration",
  66: `another part of sshd's configuration comes before ${DROP_IN}, or none of sshd_config.d is read`,
  70: "sshd could not be told to read its configuration anew",
};

const notTaken = ({ name }: Host, code: number, stderr: string): SlipwayError =>
  new SlipwayError({
    what: TAKEN[code] ?? "sshd could not be hardened",
    host: name,
    evidence: messageOf(stderr.trim()).split("\n").slice(0, 5),
    servesNow: "what served before; sshd was not changed",
    next:
      code === 66
        ? `let /etc/ssh/sshd_config begin with: Include /etc/ssh/sshd_config.d/*.conf, and take what contradicts out of the files before 10-slipway.conf`
        : `see why, on ${name}, as root: sshd -t`,
  });

const tooLate = (host: Host, stderr: string): SlipwayError =>
  new SlipwayError({
    what: `the hardening was not confirmed within ${TRIAL} s, so the host took it back`,
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: "what served before; sshd is as it was",
    next: "run pulumi up again",
  });
