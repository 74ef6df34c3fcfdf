import { join } from "node:path";
import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ReleaseSite } from "../engine/pulumi/download.ts";
import { downloadFolder, type FoundPulumi, findPulumi } from "../engine/pulumi/found.ts";
import { inspect } from "../engine/pulumi/inspection.ts";
import { type Ask, offerPulumi } from "../engine/pulumi/offer.ts";
import { notice } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";

const SOURCES: Readonly<Record<FoundPulumi["source"], string>> = {
  path: "on PATH",
  installer: "of Pulumi's installer",
  download: "of slipway install",
};

/** Fetches Pulumi if it is missing, and prints which one the commands use. */
export async function installPulumi(user: Ask | undefined, site?: ReleaseSite): Promise<void> {
  const found = findPulumi() ?? (await offerPulumi(user, site));
  const { version, doubts } = await inspect(found).catch((failure: unknown): never => {
    throw broken(found, failure);
  });
  printLine(`Pulumi ${version}: ${pathOf(found)} (${SOURCES[found.source]})`);
  for (const doubt of doubts) notice(`this Pulumi is used, but ${doubt}`);
  if (doubts.length > 0) notice(ADVICE);
}

const ADVICE =
  "if a command fails because of that: upgrade it the way it was installed, or take it off PATH and run slipway install again";

const pathOf = ({ bin }: FoundPulumi): string => join(bin, "pulumi");

const broken = (found: FoundPulumi, failure: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "TOOL_MISSING",
      what: `${pathOf(found)} (${SOURCES[found.source]}) is there but does not run`,
      evidence: messageOf(failure).trim().split("\n").slice(-5),
      servesNow: NOTHING_TOUCHED,
      next:
        found.source === "download"
          ? `remove ${downloadFolder()}, then run slipway install again`
          : "repair or remove it, then run slipway install again",
    },
    { cause: failure },
  );
