import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../../core/error.ts";
import { sizeText } from "../../../core/size.ts";
import type { Seconds } from "../../../core/words.ts";
import { ask } from "../../terminal/ask.ts";
import { notice } from "../../terminal/failure.ts";
import { announcedSize, NotReachable, OFFICIAL, type ReleaseSite } from "./download.ts";
import { fetchPulumi } from "./fetch.ts";
import { downloadBin, downloadFolder, type FoundPulumi, installerBin } from "./found.ts";
import { PULUMI_VERSION } from "./version.ts";

/** Asks the user a yes/no question. */
export type Ask = (question: string) => Promise<boolean>;

/** The user at the terminal; `undefined` without one, as in CI. */
export const userAtTerminal = (): Ask | undefined =>
  process.stdin.isTTY && process.stderr.isTTY ? (question) => ask(question) : undefined;

/** Fetches Pulumi if the user agrees. Without a user, and after a no, it is missing. */
export async function offerPulumi(user: Ask | undefined, site: ReleaseSite = OFFICIAL): Promise<FoundPulumi> {
  if (user === undefined) throw missing();
  notice(await offerText(site));
  if (!(await user("Download it?"))) throw missing();
  return unlessInterrupted((stop) => fetchPulumi(site, stop)).catch((failure: unknown) => {
    throw notFetched(failure);
  });
}

const SIZE_WITHIN: Seconds = 4;

async function offerText(site: ReleaseSite): Promise<string> {
  // The download itself says what is wrong with the site.
  const size = await announcedSize({ ...site, answerWithin: SIZE_WITHIN }).catch(() => undefined);
  const what = `Pulumi ${PULUMI_VERSION}${size === undefined ? "" : ` (${sizeText(size)})`}`;
  return [
    "Pulumi is not installed",
    `  ${what} can be downloaded from ${hostOf(site.archives)}, checked with the SHA-256 that ${hostOf(site.checksums)} publishes`,
    `  into ${downloadFolder()}`,
  ].join("\n");
}

const hostOf = (url: string): string => new URL(url).host;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

async function unlessInterrupted<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const stop = () => interruption.abort(new Error("interrupted"));
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work(interruption.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

const BY_HAND = "install Pulumi yourself: https://www.pulumi.com/docs/iac/download-install";

const missing = (): SlipwayError =>
  new SlipwayError({
    code: "TOOL_MISSING",
    what: `Pulumi is not installed: pulumi is neither on PATH, nor in ${installerBin()}, nor in ${downloadBin()}`,
    servesNow: NOTHING_TOUCHED,
    next: `npx slipway install --yes downloads Pulumi ${PULUMI_VERSION} from ${hostOf(OFFICIAL.archives)} into ${downloadFolder()}; or ${BY_HAND}`,
  });

const notFetched = (failure: unknown): SlipwayError => {
  const what = failure instanceof NotReachable ? "cannot be downloaded" : "was not installed";
  return new SlipwayError(
    {
      code: "TOOL_MISSING",
      what: `Pulumi ${PULUMI_VERSION} ${what}: ${messageOf(failure)}`,
      servesNow: NOTHING_TOUCHED,
      next: `run npx slipway install again, or ${BY_HAND}`,
    },
    { cause: failure },
  );
};
