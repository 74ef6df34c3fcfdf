import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import type { StackValues } from "../../project/config-values.ts";
import { readDeclared } from "../stack/declared-config.ts";
import type { Understood } from "./report.ts";

/** Throws all problems of the config at once. Contacts no host. */
export async function readUnderstood(given: string | undefined, folder = process.cwd()): Promise<Understood> {
  const { stack, file, config, values, hidden } = await readDeclared(given, folder);
  // What is a secret of Kamal's file is encrypted nowhere.
  return { stack, file, config, secrets: [...secretsIn(values), ...hidden, ...Object.values(config.secrets)] };
}

/** Every text in a value that is encrypted, wholly or in part. Pure. */
export const secretsIn = (values: StackValues): string[] =>
  Object.values(values).flatMap(({ value = "", secret }) => (secret ? textsIn(parseJson(value) ?? value) : []));

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isMap(value) ? Object.values(value).flatMap(textsIn) : [];
}
