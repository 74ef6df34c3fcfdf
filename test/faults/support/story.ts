import { expect } from "vitest";
import { ERRORS } from "../../../core/error-codes.ts";
import type { Outcome } from "../../../lab/stack.ts";

/** What a failed run printed, parsed. */
export interface Refusal {
  readonly what: string;
  readonly evidence: readonly string[];
  readonly servesNow: string;
  readonly next: string;
  readonly code: string;
}

/** The line with which Pulumi itself ends a failed run. */
const PULUMIS_OWN = /^error: (update|preview) failed$/;
export const STACK_TRACE = /^\s+at .+[:(]|node:internal|file:\/\//m;

/** The one error of a failed run: in our form, printed once, with no noise around it. */
export function refusalOf({ code, output }: Outcome): Refusal {
  const diagnostics = section(output, "Diagnostics:");
  expect(code, output).not.toBe(0);
  expect(diagnostics, "no stack trace").not.toMatch(STACK_TRACE);
  const lines = diagnostics.split("\n").map((line) => line.trim());
  const starts = lines.flatMap((line, at) => (line.startsWith("error: ") && !PULUMIS_OWN.test(line) ? [at] : []));
  expect(starts, `exactly one error\n${diagnostics}`).toHaveLength(1);
  const story = lines.slice(starts[0]);
  return parsed(story, diagnostics);
}

/** The error of a release that ran without the engine. */
export const refusalIn = ({ error }: { readonly error: string }): Refusal => {
  expect(error, "no stack trace").not.toMatch(STACK_TRACE);
  return parsed(
    error.split("\n").map((line) => line.trim()),
    error,
  );
};

function parsed(story: readonly string[], whole: string): Refusal {
  const servesNow = story.findIndex((line) => line.startsWith("serves now: "));
  const next = story.findIndex((line) => line.startsWith("next: "));
  expect(servesNow, `what serves now\n${whole}`).toBeGreaterThan(0);
  expect(next, `one next step\n${whole}`).toBe(servesNow + 1);
  const code = /^code: ([A-Z_]+)$/.exec(story[next + 1] ?? "")?.[1] ?? "";
  expect(Object.keys(ERRORS), `a known code\n${whole}`).toContain(code);
  return {
    what: story[0]?.replace("error: ", "") ?? "",
    evidence: story.slice(1, servesNow).map((line) => line.replace(/^\| ?/, "")),
    servesNow: story[servesNow]?.replace("serves now: ", "") ?? "",
    next: story[next]?.replace("next: ", "") ?? "",
    code,
  };
}

/** The text below a heading at the margin, up to the next one. */
function section(output: string, heading: string): string {
  const after = output.split(`\n${heading}\n`)[1] ?? "";
  return after.split(/\n(?=[A-Z]\w+:)/)[0] ?? "";
}
