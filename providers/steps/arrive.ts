import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, type Obstacle, Unreachable } from "../../hosts/index.ts";
import type { Report } from "../pulumi/report.ts";

/** A machine that does not listen yet drops what we send or refuses at once: a short try finds out sooner than a long one. */
const TRY: Seconds = 3;
const LOOK: Seconds = 10;
const BETWEEN: Milliseconds = 250;
/**
 * OpenSSH 9.8 and later counts 5 s against an address for each refused login, and shuts it out from 15 s on; fail2ban counts them, too.
 * After one quick second try, a login is tried at the pace that nobody minds.
 */
const BETWEEN_LOGINS: readonly Milliseconds[] = [BETWEEN, 5000];

/** What a machine that is on its way is waited for. Whose key is another one than we know is not waited for. */
const PASSING: Readonly<Record<Exclude<Obstacle, "distrust">, string>> = {
  name: "its name does not resolve",
  route: "no route to it",
  silent: "no answer",
  refused: "its SSH port is closed",
  closed: "sshd closes the connection",
  login: "our key is not accepted yet",
};

/** What one look gave. */
type Sight =
  | { readonly is: "ready"; readonly warnings: readonly string[] }
  | {
      readonly is: "on its way";
      readonly seen: string;
      readonly kind: "login" | "other";
      readonly next: string;
      readonly cause?: unknown;
    };

/**
 * Waits until a machine that was just made lets us in, has set itself up (cloud-init) and stays up. Every turn looks anew, so that a
 * reboot in between is one more thing that passes.
 */
export async function arrive(host: Host, deadline: Deadline, report: Report): Promise<void> {
  const story = new Story(host);
  for (;;) {
    const sight = await look(host);
    if (sight.is === "ready") {
      for (const warning of sight.warnings) report.warn(`${host.name}: ${warning}`);
      return;
    }
    story.add(sight.seen);
    if (deadline.passed) throw story.tooLate(sight);
    report.status(`waiting for ${host.name}: ${story.now}`);
    const pause = sight.kind === "login" ? story.loginPause() : BETWEEN;
    await sleep(Math.min(pause, deadline.remaining));
  }
}

/** Whether the machine lets us in, has set itself up and does not go down. */
export const isReady = async (host: Host): Promise<boolean> => (await look(host)).is === "ready";

/** What was seen of a machine, and since when. */
class Story {
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
    const pause = BETWEEN_LOGINS[Math.min(this.#logins, BETWEEN_LOGINS.length - 1)] ?? BETWEEN;
    this.#logins += 1;
    return pause;
  }

  tooLate({ seen, next, cause }: Extract<Sight, { is: "on its way" }>): SlipwayError {
    const { name } = this.#host;
    const details = cause instanceof SlipwayError ? [cause.story.what, ...(cause.story.evidence ?? [])] : [];
    return new SlipwayError(
      {
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

async function look(host: Host): Promise<Sight> {
  try {
    await host.connect(TRY);
  } catch (thrown) {
    if (!(thrown instanceof Unreachable) || thrown.obstacle === "distrust") throw thrown;
    const kind = thrown.obstacle === "login" ? "login" : "other";
    return { is: "on its way", seen: PASSING[thrown.obstacle], kind, next: thrown.story.next, cause: thrown };
  }
  try {
    const { stdout } = await host.run(["sh", "-c", SETUP], { deadline: Deadline.in(LOOK) });
    return sightOf(host, stdout);
  } catch (thrown) {
    const seen =
      thrown instanceof ConnectionLost ? "the connection was lost, as in a reboot" : `it breaks off: ${messageOf(thrown)}`;
    return { is: "on its way", seen, kind: "other", next: `look at the console of ${host.name}`, cause: thrown };
  }
}

/**
 * cloud-init's own files: `cloud-init status` takes most of a second. A machine that is about to reboot, which cloud-init may do as
 * its last act, is not ready either.
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

function sightOf(host: Host, text: string): Sight {
  const [state = "", ...rest] = text.split("\n");
  const details = rest.join("\n");
  switch (state) {
    case "running": {
      const stage = Status.safeParse(parseJson(details)).data?.v1.stage ?? undefined;
      const seen = `cloud-init is still running${stage === undefined ? "" : ` (${stage})`}`;
      const next = `see what it does, on ${host.name}: cloud-init status --long; tail /var/log/cloud-init-output.log`;
      return { is: "on its way", seen, kind: "other", next };
    }
    case "rebooting":
      return { is: "on its way", seen: "it is about to reboot", kind: "other", next: `look at the console of ${host.name}` };
    case "done": {
      const errors = Result.safeParse(parseJson(details)).data?.v1.errors ?? [];
      return {
        is: "ready",
        warnings: errors.length === 0 ? [] : [`cloud-init ended with errors: ${errors.slice(0, 3).join("; ")}`],
      };
    }
    default:
      return { is: "ready", warnings: [] };
  }
}
