import { z } from "zod";

/** One value of a stack's config as Pulumi's JSON has it. */
export const ConfigValue = z.object({
  /** Objects as JSON. Absent when it is secret and was not asked for. */
  value: z.string().optional(),
  objectValue: z.unknown().optional(),
  secret: z.boolean().default(false),
});
export type ConfigValue = z.infer<typeof ConfigValue>;

/** A stack's config, secrets in plain text: it never goes anywhere but to a host, a registry or back into the config. */
export const StackValues = z.record(z.string(), ConfigValue);
export type StackValues = z.infer<typeof StackValues>;

/** Reads what `pulumi config --show-secrets --json` prints. */
export const parseValues = (json: string): StackValues => StackValues.parse(JSON.parse(json));

/** In the form that config/ parses: values as text, and the keys of those that are secret. */
export function rawOf(values: StackValues): { values: Record<string, string>; secretKeys: ReadonlySet<string> } {
  const entries = Object.entries(values);
  return {
    values: Object.fromEntries(entries.map(([key, { value = "" }]) => [key, value])),
    secretKeys: new Set(entries.flatMap(([key, { secret }]) => (secret ? [key] : []))),
  };
}
