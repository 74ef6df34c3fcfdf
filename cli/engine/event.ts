import { z } from "zod";
import { parseJson } from "../../core/text.ts";

const Step = z.object({ metadata: z.object({ op: z.string(), urn: z.string(), type: z.string() }) });

/** An event of the engine, one JSON object per line; only the fields that are shown. */
const EngineEvent = z.object({
  diagnosticEvent: z
    .object({ urn: z.string().optional(), message: z.string(), severity: z.string(), ephemeral: z.boolean().default(false) })
    .optional(),
  /** A step starts. */
  resourcePreEvent: Step.optional(),
  /** A step has succeeded. */
  resOutputsEvent: Step.optional(),
  summaryEvent: z.object({ resourceChanges: z.record(z.string(), z.number()).nullish() }).optional(),
});
export type EngineEvent = z.infer<typeof EngineEvent>;

/** The event in a line of output, or the line itself if a plugin or the CLI has written it. */
export function parseEvent(line: string): EngineEvent | string {
  return line.startsWith("{") ? (EngineEvent.safeParse(parseJson(line)).data ?? line) : line;
}

/** `slipway:Release` and `shop` of `urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:Release::shop` */
export function typeAndName(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", name = ""] = urn.split("::");
  return { type: types.split("$").at(-1)?.replace("pulumi-nodejs:dynamic/", "") ?? "", name };
}

/** `production` of `urn:pulumi:production::shop::…` */
export const stackOfUrn = (urn: string | undefined): string | undefined => /^urn:pulumi:(.+?)::/.exec(urn ?? "")?.[1];
