import { parseJson } from "./text.ts";
import { stableHash } from "./values.ts";

/** One value of a stack's config: an object as JSON, anything else as it is. */
export interface ConfigText {
  readonly text: string;
  /** Whether it is secret, or a part of it. */
  readonly secret: boolean;
}

/**
 * A hash of a stack's config by which the run that released something is recognized in Pulumi's history. No clock is compared: the
 * backend may have a different one. Of secrets it has the names alone, because it is kept in plain text.
 */
export const configHash = (values: Readonly<Record<string, ConfigText>>): string =>
  stableHash(
    Object.fromEntries(
      Object.entries(values)
        .filter(([key]) => key.startsWith("slipway:"))
        .map(([key, { text, secret }]) => [key, secret ? namesIn(parsed(text)) : parsed(text)]),
    ),
  );

const parsed = (text: string): unknown => (/^[[{]/.test(text) ? (parseJson(text) ?? text) : text);

function namesIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "secret";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, namesIn(inner)]));
}
