import type { ErrorCode } from "./error-codes.ts";
import { printableText } from "./text.ts";

/** What a user needs to know when a run stops: what happened, where, the evidence, what serves now, and the next step. */
export interface Story {
  /** Its stable name, for scripts and for docs/errors.md. */
  readonly code: ErrorCode;
  /** What happened, in one sentence without a full stop. */
  readonly what: string;
  /** The host it happened on, if any. */
  readonly host?: string;
  /** Evidence, line by line: exit code, last log lines, last probe, both fingerprints. Never a secret. */
  readonly evidence?: readonly string[];
  /** What serves requests at this moment. */
  readonly servesNow: string;
  /** The next step, with its command if there is one. */
  readonly next: string;
}

/** What serves if nothing was changed. */
export const NOTHING_TOUCHED = "what served before; nothing was changed";

/**
 * Everything that a user can cause or must act on. Any other error is thrown unchanged, with its `cause`.
 *
 * @example
 * throw new SlipwayError({
 *   code: "RELEASE_FAILED",
 *   what: "shop-web-1.4.2-ab12cd34 exited with code 1 after 0.8 s",
 *   host: "web-2",
 *   evidence: lastLogLines,
 *   servesNow: "1.4.1-77aa01ef on all 3 hosts; nothing was switched",
 *   next: "fix the image, then run pulumi up again",
 * });
 */
export class SlipwayError extends Error {
  readonly story: Story;
  /** Makes Pulumi's program runner print only the message, without a stack trace (`pulumi.RunError.isInstance`). */
  readonly __pulumiRunError = true;

  /** Hosts, registries and their users wrote parts of the story: it is made harmless for a terminal here, once for all errors. */
  constructor(story: Story, options?: { readonly cause?: unknown }) {
    const safe = storyWith(story, printableText);
    super(messageFor(safe), options);
    this.name = "SlipwayError";
    this.story = safe;
  }
}

/** The story with each of its texts changed; its code and the number of lines of evidence stay. */
export const storyWith = ({ code, host, evidence, ...story }: Story, change: (text: string) => string): Story => ({
  code,
  what: change(story.what),
  servesNow: change(story.servesNow),
  next: change(story.next),
  ...(host === undefined ? {} : { host: change(host) }),
  ...(evidence === undefined ? {} : { evidence: evidence.map(change) }),
});

function messageFor({ code, what, host, evidence = [], servesNow, next }: Story): string {
  const where = host === undefined || what.startsWith(`${host}:`) ? "" : `${host}: `;
  return [
    `${where}${what}`,
    // Each line is marked: a line of a host's answer must not read as our own `next:`.
    ...evidence.flatMap((lines) => lines.split("\n")).map((line) => `  | ${line}`),
    `  serves now: ${servesNow}`,
    `  next: ${next}`,
    `  code: ${code}`,
  ].join("\n");
}

/**
 * An error as the commands print it: with its code in front. Pulumi prints a message as it is, so there the code is the last line.
 *
 * @example errorText("web-1: …\n  next: …\n  code: HOST_UNREACHABLE") // "error[HOST_UNREACHABLE]: web-1: …\n  next: …"
 */
export function errorText(message: string): string {
  const code = /\n {2}code: ([A-Z_]+)$/.exec(message);
  return code === null ? `error: ${message}` : `error[${code[1]}]: ${message.slice(0, code.index)}`;
}

/** The message of anything that is thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Why a host could not be reached, in one line to print next to its name. */
export const reasonOf = (thrown: unknown, host: string): string =>
  (messageOf(thrown).split("\n", 1)[0] ?? "").replace(`${host}: `, "");
