import { z } from "zod";

/** One value of a stack's config in Pulumi's JSON. */
export const ConfigValue = z.object({
  /** Objects as JSON. Absent for a secret that was not requested. */
  value: z.string().optional(),
  objectValue: z.unknown().optional(),
  secret: z.boolean().default(false),
});
export type ConfigValue = z.infer<typeof ConfigValue>;

/** A stack's config, secrets in plain text: it goes only to a host, a registry or back into the config. */
export const StackValues = z.record(z.string(), ConfigValue);
export type StackValues = z.infer<typeof StackValues>;

/** Reads what `pulumi config --show-secrets --json` prints. */
export const parseValues = (json: string): StackValues => StackValues.parse(JSON.parse(json));

/** In the form that config/ parses: values as text, and the keys of secret values. */
export function rawOf(values: StackValues): { values: Record<string, string>; secretKeys: ReadonlySet<string> } {
  const entries = Object.entries(values);
  return {
    values: Object.fromEntries(entries.map(([key, { value = "" }]) => [key, value])),
    secretKeys: new Set(entries.flatMap(([key, { secret }]) => (secret ? [key] : []))),
  };
}

/** One value of a stack's file in the form that Pulumi passes to programs: a string as it is, everything else as JSON. */
export const writtenText = (value: unknown): string | undefined =>
  value === undefined || typeof value === "string" ? value : JSON.stringify(value);

/** Whether the SSH config in a stack's file is partly secret. */
export const hidesKeys = (written: Readonly<Record<string, unknown>>): boolean =>
  /"secure"|"key_data"/.test(writtenText(written[SSH_KEY]) ?? "");

/** Whether anything in it is a secret. */
export const hidesAnything = (written: Readonly<Record<string, unknown>>): boolean =>
  Object.values(written).some((value) => writtenText(value)?.includes('"secure"'));

/** How hosts are reached. */
export const SSH_KEY = "slipway:ssh";
