import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { printable } from "../../core/text.ts";
import type { HostName } from "../../core/words.ts";

/** What a login shell did instead of running a command. */
export interface ShellAnswer {
  readonly printed: string;
  readonly ended:
    | { readonly kind: "code"; readonly code: number | undefined }
    | { readonly kind: "waiting"; readonly after: number };
}

const SHOWN_LINES = 3;

/** The login was accepted, and the command never started. */
export function shellRefused(
  { host, user }: { readonly host: HostName; readonly user: string },
  answer: ShellAnswer,
): SlipwayError {
  const lines = answer.printed
    .split("\n")
    .map((line) => printable(line).trim().slice(0, 200))
    .filter((line) => line !== "");
  const [first] = lines;
  const end =
    answer.ended.kind === "waiting"
      ? `did not start a command within ${answer.ended.after} s`
      : `ended${answer.ended.code === undefined ? "" : ` with exit code ${answer.ended.code}`} without running the command`;
  return new SlipwayError({
    code: "SHELL_UNUSABLE",
    what: `the login shell of ${user} ${first === undefined ? end : `answers ${JSON.stringify(first)} and ${end}`}`,
    host,
    evidence: lines.slice(0, SHOWN_LINES),
    servesNow: NOTHING_TOUCHED,
    next: `give ${user} a shell that runs commands (on the host, as root: chsh -s /bin/sh ${user}), without exec or exit in its start files and without ForceCommand in sshd_config; try: ssh ${user}@${host} echo works`,
  });
}
