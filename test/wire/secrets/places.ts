import { resolveSources, type SecretSource, SourcesSection } from "../../../config/index.ts";
import { Problems } from "../../../config/schema/problem.ts";

export type { Answers } from "../../../config/index.ts";

/** Sources as a stack's file has them. */
export function parsePlaces(written: readonly unknown[]): SecretSource[] {
  const problems = new Problems();
  const sources = resolveSources(SourcesSection.parse(written), problems.at("secrets_from"));
  if (!problems.none) throw problems.error("file", []);
  return sources.filter((source) => source !== undefined);
}
