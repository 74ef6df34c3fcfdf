import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, type Obstacle, Unreachable } from "../../hosts/index.ts";
import type { Report } from "../pulumi/report.ts";

/** A machine that does not listen yet drops our packets or refuses at once: several short attempts notice sooner than a long one. */
const CONNECT_TIMEOUT: Seconds = 3;
const OBSERVE_TIMEOUT: Seconds = 10;
const RETRY_INTERVAL: Milliseconds = 250;
/**
 * OpenSSH 9.8 and later adds a penalty of 5 s to an address for each refused login, and refuses it from 15 s on; fail2ban counts
 * them too. After one quick second attempt, logins are tried at a pace that neither punishes.
 */
const LOGIN_INTERVALS: readonly Milliseconds[] = [RETRY_INTERVAL, 5000];

/** Obstacles that a new machine overcomes by itself. A host key that differs from the known one is not among them. */
const TEMPORARY: Readonly<Record<Exclude<Obstacle, "distrust">, string>> = {
  name: "its name does not resolve",
  route: "no route to it",
  silent: "no answer",
  refused: "its SSH port is closed",
  closed: "sshd closes the connection",
  login: "our key is not accepted yet",
};

/** One observation of a machine. */
type Observation =
  | { readonly kind: "ready"; readonly warnings: readonly string[] }
  | {
      readonly kind: "starting";
      readonly seen: string;
      readonly waitsFor: "login" | "other";
      readonly next: string;
      readonly cause?: unknown;
    };

/**
 * Waits until a newly created machine accepts our login, has set itself up (cloud-init) and is not about to reboot. Every turn starts
 * from nothing, so a reboot in between is one more temporary obstacle.
 */
export async function waitUntilReady(host: Host, deadline: Deadline, report: Report): Promise<void> {
  const history = new History(host);
  for (;;) {
    const observation = await observe(host);
    if (observation.kind === "ready") {
      for (const warning of observation.warnings) report.warn(`${host.name}: ${warning}`);
      return;
    }
    history.add(observation.seen);
    if (deadline.passed) throw history.tooLate(observation);
    report.status(`waiting for ${host.name}: ${history.now}`);
    const pause = observation.waitsFor === "login" ? history.loginPause() : RETRY_INTERVAL;
    await sleep(Math.min(pause, deadline.remaining));
  }
}

/** Whether the machine accepts our login, has set itself up and is not about to reboot. */
export const isReady = async (host: Host): Promise<boolean> => (await observe(host)).kind === "ready";

/** What was observed of a machine, and since when. */
class History {
  readonly #host: Host;
  readonly #began = performance.now();
  readonly #seen: { what: string; since: Seconds }[] = [];
  #logins = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  add(what: string): void {
    if (this.#seen.at(-1)?.what !== what) this.#seen.push({ what, since: this.#age });
  }

  get now(): string {
    const last = this.#seen.at(-1);
    return last === undefined ? "" : `${last.what} (${Math.round(this.#age - last.since)} s)`;
  }

  loginPause(): Milliseconds {
    const pause = LOGIN_INTERVALS[Math.min(this.#logins, LOGIN_INTERVALS.length - 1)] ?? RETRY_INTERVAL;
    this.#logins += 1;
    return pause;
  }

  tooLate({ seen, next, cause }: Extract<Observation, { kind: "starting" }>): SlipwayError {
    const { name } = this.#host;
    const details = cause instanceof SlipwayError ? [cause.story.what, ...(cause.story.evidence ?? [])] : [];
    return new SlipwayError(
      {
        code: "MACHINE_NOT_READY",
        what: `the new machine was not ready within ${Math.round(this.#age)} s: ${seen}`,
        host: name,
        evidence: [...this.#seen.map(({ what, since }) => `after ${Math.round(since)} s: ${what}`), ...details],
        servesNow: `nothing on ${name}, which is new`,
        next,
      },
      cause === undefined ? undefined : { cause },
    );
  }

  get #age(): Seconds {
    return (performance.now() - this.#began) / 1000;
  }
}

async function observe(host: Host): Promise<Observation> {
  try {
    await host.connect(CONNECT_TIMEOUT);
  } catch (thrown) {
    if (!(thrown instanceof Unreachable) || thrown.obstacle === "distrust") throw thrown;
    const waitsFor = thrown.obstacle === "login" ? "login" : "other";
    return { kind: "starting", seen: TEMPORARY[thrown.obstacle], waitsFor, next: thrown.story.next, cause: thrown };
  }
  try {
    const { stdout } = await host.run(["sh", "-c", SETUP], { deadline: Deadline.in(OBSERVE_TIMEOUT) });
    return observationOf(host, stdout);
  } catch (thrown) {
    const seen =
      thrown instanceof ConnectionLost ? "the connection was lost, as in a reboot" : `its shell failed: ${messageOf(thrown)}`;
    return { kind: "starting", seen, waitsFor: "other", next: `look at the console of ${host.name}`, cause: thrown };
  }
}

/**
 * Reads cloud-init's files, since `cloud-init status` takes most of a second. A machine that is about to reboot, which may be
 * cloud-init's last step, is not ready either.
 */
const SETUP = `
run=/run/cloud-init
if [ -e $run/result.json ]; then state=done
elif [ -e $run/disabled ] || [ -e /etc/cloud/cloud-init.disabled ]; then state=none
elif [ -e $run/status.json ] || [ -e $run/enabled ]; then state=running
elif command -v cloud-init >/dev/null 2>&1 && cloud-init status 2>/dev/null | grep -Eq 'running|not (run|started)'; then state=running
else state=none; fi
if [ $state != running ]; then
  if [ -e /run/systemd/shutdown/scheduled ] || [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]; then state=rebooting; fi
fi
echo $state
case $state in
  done) cat $run/result.json ;;
  running) cat $run/status.json 2>/dev/null ;;
esac
true
`;

const Result = z.object({ v1: z.object({ errors: z.array(z.string()).default([]) }) });
const Status = z.object({ v1: z.object({ stage: z.string().nullish() }) });

function observationOf(host: Host, text: string): Observation {
  const [state = "", ...rest] = text.split("\n");
  const details = rest.join("\n");
  switch (state) {
    case "running": {
      const stage = Status.safeParse(parseJson(details)).data?.v1.stage ?? undefined;
      const seen = `cloud-init is still running${stage === undefined ? "" : ` (${stage})`}`;
      const next = `see what it is doing, on ${host.name}: cloud-init status --long; tail /var/log/cloud-init-output.log`;
      return { kind: "starting", seen, waitsFor: "other", next };
    }
    case "rebooting":
      return { kind: "starting", seen: "it is about to reboot", waitsFor: "other", next: `look at the console of ${host.name}` };
    case "done": {
      const errors = Result.safeParse(parseJson(details)).data?.v1.errors ?? [];
      return {
        kind: "ready",
        warnings: errors.length === 0 ? [] : [`cloud-init ended with errors: ${errors.slice(0, 3).join("; ")}`],
      };
    }
    default:
      return { kind: "ready", warnings: [] };
  }
}
