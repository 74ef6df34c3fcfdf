import { z } from "zod";
import type { Asking, Found } from "../asking.ts";
import { jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Tool } from "../tool.ts";

const BWS: Tool = { program: "bws", install: "install it: https://github.com/bitwarden/sdk-sm/releases" };

const Secrets = z.array(z.object({ id: z.string(), key: z.string(), value: z.string() }));

/** One call lists a project. A key is not unique there. */
export async function askBitwardenSm(project: string | undefined, keys: readonly string[], asking: Asking): Promise<Found> {
  const args = ["secret", "list", ...(project === undefined ? [] : [project]), "--output", "json", "--color", "no"];
  const ended = await call(BWS, args, asking);
  if (ended.code !== 0)
    throw new Refusal(
      /access token|unauthorized|401/i.test(ended.said)
        ? `needs a token that may read ${project ?? "the secrets"}: BWS_ACCESS_TOKEN (${because("bws", ended)})`
        : because("bws", ended),
    );
  const secrets = jsonOf(Secrets, "bws", ended);
  const values: Record<string, string> = {};
  for (const key of keys) {
    const [found, ...more] = secrets.filter((secret) => secret.key === key || secret.id === key);
    if (more.length > 0)
      throw new Refusal(`${more.length + 1} secrets are called ${key}: set project, or write the id of one under names`);
    if (found !== undefined) values[key] = found.value;
  }
  return { values };
}
