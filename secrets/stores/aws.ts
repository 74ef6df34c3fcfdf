import { z } from "zod";
import type { AwsPlace } from "../../config/index.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import type { Asking, Found } from "../asking.ts";
import { inTurns } from "../in-turns.ts";
import { flat, jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Ended, type Tool } from "../tool.ts";

const AWS: Tool = {
  program: "aws",
  install: "install it: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
};
const LOGGED_OUT =
  /unable to locate credentials|could not be found|ExpiredToken|token .*(?:expired|invalid)|session .*(?:expired|invalid)|InvalidClientTokenId|UnrecognizedClient/i;
/** What one call takes. */
const MOST = 20;

/** Errors are in the answer, of a call that ends well. */
const Batch = z.object({
  SecretValues: z
    .array(
      z.object({ Name: z.string(), ARN: z.string(), SecretString: z.string().optional(), SecretBinary: z.string().optional() }),
    )
    .default([]),
  Errors: z
    .array(z.object({ SecretId: z.string(), ErrorCode: z.string().default(""), Message: z.string().default("") }))
    .default([]),
});

/** All that is needed of the account, 20 secrets a call. */
export async function askAws(place: AwsPlace, keys: readonly string[], asking: Asking): Promise<Found> {
  const { secrets, prefix } = place;
  const own = prefix === undefined ? [] : keys.map((key) => prefix + key);
  const texts = await secretStrings([...secrets, ...own], new Set(own), place, asking);
  const values: Record<string, string> = {};
  const hints: Record<string, string> = {};
  for (const key of keys) {
    const single = prefix === undefined ? undefined : texts.get(prefix + key);
    for (const secret of secrets) {
      const found = fieldsOf(secret, texts.get(secret) ?? "");
      if (Object.hasOwn(found.values, key)) values[key] ??= found.values[key] ?? "";
      else if (found.hints?.[key] !== undefined) hints[key] ??= found.hints[key];
    }
    if (single !== undefined) values[key] ??= single;
  }
  return { values, hints };
}

/** A secret that is no JSON object has its own name as its only key. */
export function fieldsOf(secret: string, text: string): Found {
  const parsed = parseJson(text);
  return isMap(parsed) ? flat(parsed) : { values: { [secret]: text } };
}

/** Id → text. @param optional ids that may be missing there */
export async function secretStrings(
  ids: readonly string[],
  optional: ReadonlySet<string>,
  { region, profile }: Pick<AwsPlace, "region" | "profile">,
  asking: Asking,
): Promise<Map<string, string>> {
  const unique = [...new Set(ids)];
  const pages = Array.from({ length: Math.ceil(unique.length / MOST) }, (_, at) => unique.slice(at * MOST, (at + 1) * MOST));
  const where = [...(region === undefined ? [] : ["--region", region]), ...(profile === undefined ? [] : ["--profile", profile])];
  const found = new Map<string, string>();
  await inTurns(pages, async (page) => {
    const args = [
      "secretsmanager",
      "batch-get-secret-value",
      "--secret-id-list",
      ...page,
      "--output",
      "json",
      "--no-cli-pager",
      ...where,
    ];
    const ended = await call(AWS, args, asking);
    if (ended.code !== 0) throw refused(ended, profile);
    const { SecretValues, Errors } = jsonOf(Batch, "aws", ended);
    const wrong = Errors.filter(
      ({ SecretId, ErrorCode }) => ErrorCode !== "ResourceNotFoundException" || !optional.has(SecretId),
    );
    if (wrong.length > 0)
      throw new Refusal(wrong.map(({ SecretId, ErrorCode, Message }) => `${SecretId}: ${Message || ErrorCode}`).join("; "));
    for (const { Name, ARN, SecretString, SecretBinary = "" } of SecretValues) {
      const text = SecretString ?? Buffer.from(SecretBinary, "base64").toString("utf8");
      for (const id of page) if (id === Name || id === ARN || ARN.startsWith(`${id}-`)) found.set(id, text);
    }
  });
  const lost = unique.filter((id) => !found.has(id) && !optional.has(id));
  if (lost.length > 0) throw new Refusal(`aws did not answer for ${lost.join(", ")}`);
  return found;
}

function refused(ended: Ended, profile: string | undefined): Refusal {
  if (!LOGGED_OUT.test(ended.said)) return new Refusal(because("aws", ended));
  const login = `aws sso login${profile === undefined ? "" : ` --profile ${profile}`}`;
  return new Refusal(`needs a login: ${login}, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (${because("aws", ended)})`);
}
