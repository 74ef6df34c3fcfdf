import { Deadline } from "../../core/deadline.ts";
import { messageOf, NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { asRoot, ConnectionLost, type Host, needsRoot, Unreachable, wasRefusedRoot } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { CONFIRM_TIMEOUT, changeWithUndo } from "../steps/dead-man-switch.ts";
import { withLeases } from "../steps/lease.ts";
import { DROP_IN, DROP_IN_TEXT, EFFECTIVE } from "./drop-in.ts";
import { PLANNED } from "./events.ts";
import type { FoundHardening, HardeningInputs } from "./inputs.ts";
import { observeHardening } from "./observe.ts";
import { describeHardening, planHardening } from "./plan.ts";
import { ACCOUNT_SCRIPT, CLOSE_SCRIPT, UNDO } from "./script.ts";
import { type Arrival, enter, hardened } from "./way-in.ts";

/** For the new user to log in; sshd is unavailable for a moment while it reloads. */
const LOGIN_TIMEOUT: Seconds = 10;
/** A connection that sshd takes just before it reloads can be left without an answer. */
const ATTEMPT_TIMEOUT: Seconds = 3;

/** Hardens one host as declared. */
export async function convergeHardening(inputs: HardeningInputs, arrival: Arrival, run: Run): Promise<FoundHardening> {
  const host = await enter(inputs, arrival, run);
  const own = run.hosts.at(hardened(inputs));
  const done = await withLeases([host], run, async () => {
    const found = await observeHardening(inputs, host);
    if (found.kind === "forbidden") throw needsRoot(host.address, "only root may harden SSH", found.reason);
    const operations = planHardening(inputs, found);
    PLANNED.publish({ host: host.name, operations });
    for (const operation of operations) {
      run.report.status(describeHardening(operation, inputs));
      await (operation.do === "account" ? createAccount(inputs, host, run) : close(inputs, host, run));
    }
    return operations;
  });
  // A connection has the groups that the user had when it was opened.
  if (done.some((operation) => operation.do === "account")) await own.renew();
  if (host !== own) await host.close();
  return observeHardening(inputs, own);
}

/** Nothing is closed for anyone until the new user has logged in and used sudo. */
async function createAccount(inputs: HardeningInputs, host: Host, run: Run): Promise<void> {
  const account = asRoot(host.address, ["sh", "-c", ACCOUNT_SCRIPT, "slipway-hardening", inputs.user, host.address.user]);
  const ran = await host.change("create user", () => host.run(account));
  if (wasRefusedRoot(ran)) throw needsRoot(host.address, "only root may create a user", ran.stderr);
  if (ran.code !== 0) throw noAccount(inputs, ran.stderr);
  try {
    await proveLogin(inputs, run);
  } catch (thrown) {
    throw cannotLogIn(inputs, NOTHING_CLOSED, thrown);
  }
}

/** Root stays refused only if the new user can log in once more. Our first connection remains open meanwhile. */
async function close(inputs: HardeningInputs, host: Host, run: Run): Promise<void> {
  await proveLogin(inputs, run).catch((thrown: unknown) => {
    throw cannotLogIn(inputs, NOTHING_CLOSED, thrown);
  });
  await changeWithUndo(host, {
    name: "slipway-hardening",
    undo: UNDO,
    script: CLOSE_SCRIPT,
    args: [DROP_IN_TEXT, ...EFFECTIVE],
    names: { change: "harden sshd", confirm: "keep sshd hardened" },
    prove: () => proveLogin(inputs, run),
    failed: {
      change: ({ code, stderr }) => refused(host, code, stderr),
      proof: (undone, thrown) => {
        const outcome = undone ? "was reverted" : `will be reverted by the host within ${CONFIRM_TIMEOUT} s`;
        return cannotLogIn(inputs, `the hardening of sshd ${outcome}`, thrown);
      },
      confirm: ({ stderr }) => tooLate(host, stderr),
    },
  });
}

const NOTHING_CLOSED = "sshd was not changed";

/** Logs in as the new user on a new connection, and uses sudo on it. */
async function proveLogin(inputs: HardeningInputs, run: Run): Promise<void> {
  const deadline = Deadline.in(LOGIN_TIMEOUT);
  let last: unknown;
  const attempt = async (): Promise<true | undefined> => {
    const fresh = run.hosts.apart(hardened(inputs));
    try {
      await fresh.connect(Math.min(ATTEMPT_TIMEOUT, deadline.remaining / 1000));
      const { code, stderr } = await fresh.run(["sudo", "-n", "true"], { deadline });
      if (code !== 0) throw new Error(`no sudo: ${stderr.trim()}`);
      return true;
    } catch (thrown) {
      last = thrown;
      if (isTemporary(thrown)) return undefined;
      throw thrown;
    } finally {
      await fresh.close();
    }
  };
  await deadline.until(attempt, () => (last instanceof Error ? last : new Error("no answer in time")));
}

/** sshd was reloading. */
const isTemporary = (thrown: unknown): boolean =>
  thrown instanceof ConnectionLost || (thrown instanceof Unreachable && WHILE_RELOADING.has(thrown.obstacle));

const WHILE_RELOADING: ReadonlySet<Unreachable["obstacle"]> = new Set(["refused", "closed", "silent"]);

const cannotLogIn = ({ host, user }: HardeningInputs, outcome: string, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "HARDENING_FAILED",
      what: `${user} cannot log in with the keys of ${host.user}, so ${outcome}`,
      host: host.name,
      evidence: [reasonOf(thrown, host.name), ...(thrown instanceof SlipwayError ? (thrown.story.evidence ?? []) : [])],
      servesNow: `what served before; ${host.user} logs in as before`,
      next: `see why, on ${host.name}, as root: sshd -T | grep -E '^(allow|deny)(users|groups)|^authorizedkeysfile'; tail /var/log/auth.log`,
    },
    { cause: thrown },
  );

const noAccount = ({ host, user }: HardeningInputs, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "HARDENING_FAILED",
    what: `the account ${user} with sudo could not be created`,
    host: host.name,
    evidence: stderr.trim().split("\n").slice(0, 5),
    servesNow: NOTHING_TOUCHED,
    next: /sudo is not installed/.test(stderr)
      ? `install it, on ${host.name}, as root: apt-get install -y sudo`
      : "fix what the evidence shows, then run pulumi up again",
  });

const REFUSALS: Readonly<Record<number, string>> = {
  65: "sshd does not accept the hardened configuration",
  66: `another file of sshd's configuration overrides ${DROP_IN}, or sshd does not read sshd_config.d`,
  70: "sshd could not be reloaded",
};

const refused = ({ name }: Host, code: number, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "HARDENING_FAILED",
    what: REFUSALS[code] ?? "sshd could not be hardened",
    host: name,
    evidence: messageOf(stderr.trim()).split("\n").slice(0, 5),
    servesNow: "what served before; sshd was not changed",
    next:
      code === 66
        ? `begin /etc/ssh/sshd_config with: Include /etc/ssh/sshd_config.d/*.conf, and remove contradicting lines from the files that sort before 10-slipway.conf`
        : `see why, on ${name}, as root: sshd -t`,
  });

const tooLate = (host: Host, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "HARDENING_FAILED",
    what: `the hardening was not confirmed within ${CONFIRM_TIMEOUT} s, so the host reverted it`,
    host: host.name,
    evidence: [stderr.trim()],
    servesNow: "what served before; sshd is as it was",
    next: "run pulumi up again",
  });
