import type { Answers, Question } from "../config/index.ts";
import { canonical } from "../core/values.ts";
import { askSources } from "./ask.ts";
import type { Asking } from "./asking.ts";
import { handedOver } from "./hand-over.ts";

/** What this process has asked already. */
const asked: { readonly question: Question; readonly answers: Promise<Answers> }[] = [];

/**
 * The answers to a question, which a command asks once in its run: what it has asked already, or what the command that started this
 * process has, is not asked again.
 */
export function answersTo(question: Question, asking: Asking): Promise<Answers> {
  const known = asked.find((one) => covers(one.question, question));
  if (known !== undefined) return known.answers;
  const answers = answer(question, asking);
  asked.push({ question, answers });
  return answers;
}

const answer = async (question: Question, asking: Asking): Promise<Answers> => {
  const given = await handedOver(asking.env);
  return given !== undefined && covers(given.question, question) ? given.answers : askSources(question, asking);
};

/** Whether one question contains another: the same sources, and all of its names. */
export function covers(one: Question, other: Question): boolean {
  const names = new Set(one.wanted.map(({ name }) => name));
  return canonical(one.sources) === canonical(other.sources) && other.wanted.every(({ name }) => names.has(name));
}
