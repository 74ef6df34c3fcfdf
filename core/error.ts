/** What a person needs to know when a run stops: what happened, where, the proof, what serves now, and the one next step. */
export interface Story {
  /** What happened, in one sentence without a full stop. */
  readonly what: string;
  /** The host it happened on, where there is one. */
  readonly host?: string;
  /** Proof, a line each: exit code, last log lines, last probe, both fingerprints. Never a secret. */
  readonly evidence?: readonly string[];
  /** What answers requests at this moment. */
  readonly servesNow: string;
  /** The one thing to do next, with the command where there is one. */
  readonly next: string;
}

/** Before anything was changed, this is what serves. */
export const NOTHING_TOUCHED = "what served before; nothing was changed";

/**
 * Everything that a user can cause or must act on. Anything else is thrown as it comes, with its `cause`.
 *
 * @example
 * throw new SlipwayError({
 *   what: "shop-web-1.4.2-ab12cd34 exited with code 1 after 0.8 s",
 *   host: "web-2",
 *   evidence: lastLogLines,
 *   servesNow: "1.4.1-77aa01ef on all 3 hosts; nothing was switched",
 *   next: "fix the image, then run pulumi up again",
 * });
 */
export class SlipwayError extends Error {
  readonly story: Story;
  /** Tells Pulumi's program runner to print the message alone, without a stack trace (`pulumi.RunError.isInstance`). */
  readonly __pulumiRunError = true;

  constructor(story: Story, options?: ErrorOptions) {
    super(tell(story), options);
    this.name = "SlipwayError";
    this.story = story;
  }
}

function tell({ what, host, evidence = [], servesNow, next }: Story): string {
  const where = host === undefined || what.startsWith(`${host}:`) ? "" : `${host}: `;
  return [`${where}${what}`, ...evidence.map((line) => `  | ${line}`), `  serves now: ${servesNow}`, `  next: ${next}`].join(
    "\n",
  );
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Why a host could not be asked, in one line to stand beside its name. */
export const reasonOf = (thrown: unknown, host: string): string =>
  (messageOf(thrown).split("\n", 1)[0] ?? "").replace(`${host}: `, "");
