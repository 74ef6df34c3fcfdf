import type { Answers, SecretSource } from "../../../config/index.ts";
import type { Project } from "../../../project/project.ts";
import { askingIn, questionOf } from "../../stack/secrets.ts";

/** What the sources of secrets say now. */
export interface SecretsNow {
  readonly fingerprint: string | undefined;
  /** Why only a run can say it. */
  readonly unasked: string | undefined;
  readonly stored: { readonly sources: readonly SecretSource[]; readonly answers: Answers };
}

/** Asks them, as the run of the engine would; if one starts after this, it is given these answers. */
export async function secretsNow(project: Project, stack: string, shown: () => Promise<string>): Promise<SecretsNow> {
  const { answersTo, fingerprintOf } = await import("../../../secrets/index.ts");
  const { question, service, destination } = await questionOf(project, stack, shown);
  const answers = await answersTo(question, askingIn(project.root));
  const values = Object.fromEntries(Object.entries(answers.values).map(([name, { value }]) => [name, value]));
  const missing = question.wanted.find(({ name }) => values[name] === undefined);
  return {
    fingerprint: question.sources.length === 0 ? undefined : fingerprintOf(question, values, { service, destination }),
    unasked: missing === undefined ? undefined : `${missing.name} is in no source of slipway:secrets_from that could be asked`,
    stored: { sources: question.sources, answers },
  };
}
