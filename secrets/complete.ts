import { type Answers, type Config, labelOf, parseConfig, type Question, type RawConfig, readConfig } from "../config/index.ts";
import { secretsFingerprint } from "../core/container/fingerprint.ts";
import type { Asking } from "./asking.ts";
import { answersTo } from "./once.ts";

/** A config with the values of its sources. */
export interface CompleteConfig {
  readonly config: Config;
  /** Represents the values of sources that decide what runs; `undefined`: the config has no sources. */
  readonly fingerprint: string | undefined;
  /** In the order of precedence. */
  readonly sources: readonly AskedSource[];
  /** What they answered, which is never shown. */
  readonly hidden: readonly string[];
}

/** A source that was asked. */
export interface AskedSource {
  readonly label: string;
  /** The names whose values are from there, sorted. */
  readonly names: readonly string[];
}

/**
 * Reads a config and asks the sources of its secrets. Rejects with one `SlipwayError` that has everything which is wrong, in the config and
 * at the sources. Contacts no host.
 */
export async function completeConfig(raw: RawConfig, asking: () => Asking): Promise<CompleteConfig> {
  if (raw.values[SOURCES_KEY] === undefined) return withoutSources(raw, undefined);
  const { question } = readConfig(raw);
  if (question.sources.length === 0) return withoutSources(raw, "");
  const answers = await answersTo(question, asking());
  const config = parseConfig({ ...raw, answers });
  const values = Object.fromEntries(Object.entries(answers.values).map(([name, { value }]) => [name, value]));
  const sources = askedSources(question, answers);
  return { config, fingerprint: fingerprintOf(question, values, config), sources, hidden: Object.values(values) };
}

const withoutSources = (raw: RawConfig, fingerprint: string | undefined): CompleteConfig => ({
  config: parseConfig(raw),
  fingerprint,
  sources: [],
  hidden: [],
});

/** What the sources of a config answer, which may be wrong besides; `undefined`: it has none, or they cannot be read. */
export async function answersFor(raw: RawConfig, asking: () => Asking): Promise<Answers | undefined> {
  const { question } = readConfig(raw);
  return question.sources.length === 0 ? undefined : answersTo(question, asking());
}

const askedSources = ({ sources }: Question, { values }: Answers): AskedSource[] =>
  sources.map((source, at) => ({
    label: labelOf(source),
    names: Object.keys(values)
      .filter((name) => values[name]?.source === at)
      .sort(),
  }));

export const SOURCES_KEY = "slipway:secrets_from";

/** Changes with each value that decides what runs. It is kept in the state, in the clear: see `secretsFingerprint`. */
export function fingerprintOf(
  { wanted }: Question,
  values: Readonly<Record<string, string>>,
  { service, destination }: Pick<Config, "service" | "destination">,
): string {
  const deciding = wanted.filter(({ decides }) => decides).map(({ name }) => [name, values[name] ?? ""] as const);
  return secretsFingerprint(Object.fromEntries(deciding), `${service}/${destination ?? ""}`);
}
