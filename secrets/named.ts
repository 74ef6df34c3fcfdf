import { Secrets } from "../config/env/secret.ts";
import { type Problem, resolveSources, SourcesSection } from "../config/index.ts";
import { Problems } from "../config/schema/problem.ts";
import { readShape } from "../config/schema/shape.ts";
import { secretsFingerprint } from "../core/container/fingerprint.ts";
import type { Asking } from "./asking.ts";
import { answersTo } from "./once.ts";

/** The values of names, or why one is missing. */
export interface NamedSecrets {
  readonly values: Readonly<Record<string, string>>;
  /** By the places `secrets_from[…]` and `names[…]`. */
  readonly problems: readonly Problem[];
  readonly fingerprint: string;
}

/** What a program asks for without a config. @param salt of the fingerprint, so that equal values of two stacks look different */
export async function namedSecrets(
  written: unknown,
  names: readonly string[],
  salt: string,
  asking: Asking,
): Promise<NamedSecrets> {
  const problems = new Problems();
  const place = problems.at("secrets_from");
  const input = readShape(SourcesSection, written, place) ?? [];
  const sources = resolveSources(input, place).filter((source) => source !== undefined);
  if (!problems.none) return { values: {}, problems: problems.all, fingerprint: "" };
  const answers = await answersTo({ sources, wanted: names.map((name) => ({ name, decides: true })) }, asking);
  for (const { source, message } of answers.faults) place.at(source).refuse(message);
  const secrets = new Secrets({ own: {}, sources, answers }, new Set());
  const values = Object.fromEntries(names.map((name, at) => [name, secrets.lookUp(name, problems.at("names", at))]));
  return { values, problems: problems.all, fingerprint: secretsFingerprint(values, salt) };
}
