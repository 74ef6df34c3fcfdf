import type { Seconds } from "../../../core/words.ts";
import { type NewcomerRow, PHASES, type PhaseName } from "./result.ts";

/** A part of a command's output, and when it came. */
export interface Heard {
  /** From the command on. */
  readonly at: Seconds;
  readonly text: string;
}

/** The line with which a phase begins: the heading of a resource. */
const BEGINS = {
  docker: /^slipway:DockerEngine /m,
  proxy: /^slipway:Proxy /m,
  build: /^slipway:Build /m,
  transfer: /^slipway:Release /m,
} as const satisfies Partial<Record<PhaseName, RegExp>>;

/**
 * The phases of a first deploy that ended with an answer, one after the other, each until the next begins. What a release says of
 * its pull is the transfer.
 */
export function newcomerPhases(heard: readonly Heard[], answered: Seconds): NewcomerRow["phases"] {
  const output = heard.map(({ text }) => text).join("");
  const moment = (phase: keyof typeof BEGINS) => momentOf(heard, BEGINS[phase]) ?? missing(phase, output);
  const [, pull] = /^\s*released [^\n]*: (?:[^\n]* · )?pull ([\d.]+)/m.exec(output) ?? [];
  if (pull === undefined) return missing("transfer", output);
  const sent = moment("transfer");
  const begins: Readonly<Record<PhaseName, Seconds>> = {
    start: 0,
    docker: moment("docker"),
    proxy: moment("proxy"),
    build: moment("build"),
    transfer: sent,
    release: sent + Number(pull),
  };
  return PHASES.map((phase, at) => {
    const next = PHASES[at + 1];
    return { phase, from_s: begins[phase], to_s: next === undefined ? answered : begins[next] };
  });
}

/** When the output had that for the first time. A line may come in several parts. */
export function momentOf(heard: readonly Heard[], pattern: RegExp): Seconds | undefined {
  let output = "";
  for (const { at, text } of heard) {
    output += text;
    if (pattern.test(output)) return at;
  }
  return undefined;
}

function missing(phase: PhaseName, output: string): never {
  throw new Error(`the command does not say when the phase ${phase} was:\n${output}`);
}
