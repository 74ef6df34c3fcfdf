import type { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { Asked } from "./facts.ts";

/** Turns a failure into a finding: one missing answer must not hide the others. */
export async function ask<T>(question: Promise<T>, deadline: Deadline): Promise<Asked<T>> {
  try {
    return { kind: "known", value: await deadline.race(question, () => new Error("no answer in time")) };
  } catch (thrown) {
    question.catch(() => {});
    return unanswered(thrown);
  }
}

/** Converts an answer; an unknown one stays unknown. */
export const andThen = <T, U>(asked: Asked<T>, use: (value: T) => U): Asked<U> =>
  asked.kind === "known" ? { kind: "known", value: use(asked.value) } : asked;

function unanswered(thrown: unknown): Extract<Asked<never>, { kind: "unknown" }> {
  if (thrown instanceof SlipwayError) {
    const { what, evidence = [], next } = thrown.story;
    return { kind: "unknown", why: what, evidence, next };
  }
  const [why = "", ...evidence] = messageOf(thrown).split("\n");
  return { kind: "unknown", why, evidence };
}
