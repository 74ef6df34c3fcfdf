import { z } from "zod";
import { SlipwayError, storyWith } from "../../core/error.ts";
import type { Mask } from "../../core/mask.ts";
import { parseJson, printableText } from "../../core/text.ts";

const Texts = z.record(z.string(), z.string());
const Login = z.looseObject({ password: z.string() });

/** Those of `slipway:secrets`, by name. */
export const namedSecrets = (config: { get(key: string): string | undefined }): Readonly<Record<string, string>> =>
  Texts.safeParse(parseJson(config.get("slipway:secrets") ?? "")).data ?? {};

/** The secrets that a stack's config declares. */
export function secretsOfConfig(config: { get(key: string): string | undefined }): string[] {
  const secrets = namedSecrets(config);
  const login = Login.safeParse(parseJson(config.get("slipway:registry") ?? "")).data;
  return [...Object.values(secrets), ...(login === undefined ? [] : [login.password])];
}

/** The secrets among the inputs of a resource: a program may pass others than those of the config. */
export function secretsOfInputs(inputs: Readonly<Record<string, unknown>>): string[] {
  const secrets = [inputs.secrets, inputs.__secrets].flatMap((some) => Object.values(Texts.safeParse(some).data ?? {}));
  const logins = [inputs, inputs.registry].flatMap((one) => Login.safeParse(one).data ?? []);
  return [...secrets, ...logins.map(({ password }) => password)];
}

/** An error as it may leave this process: without secrets, and without what acts on a terminal. Class, code and stack stay. */
export function safeError(thrown: unknown, mask: Mask): unknown {
  const safe = (text: string) => mask.hide(printableText(text));
  if (!(thrown instanceof Error) || safe(thrown.message) === thrown.message) return thrown;
  if (thrown instanceof SlipwayError) return new SlipwayError(storyWith(thrown.story, safe));
  const { message } = thrown;
  thrown.message = safe(message);
  thrown.stack = safe(thrown.stack ?? "");
  return thrown;
}
