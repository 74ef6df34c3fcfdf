import { z } from "zod";
import type { SourcePlace } from "../../config/index.ts";
import type { Asking, Found } from "../asking.ts";
import { jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Tool } from "../tool.ts";

type Place = Extract<SourcePlace, { readonly kind: "infisical" }>;

const INFISICAL: Tool = { program: "infisical", install: "install it: https://infisical.com/docs/cli/overview" };

const Secrets = z.array(z.object({ key: z.string(), value: z.string() }));

/** One call. Environment, project and path are always passed: without, it takes `dev`, or what a file of the folder says. */
export async function askInfisical(
  { project, environment, path }: Place,
  keys: readonly string[],
  asking: Asking,
): Promise<Found> {
  const where = [`--env=${environment}`, `--projectId=${project}`, `--path=${path}`];
  const quiet = ["--silent", "--telemetry=false", "--secret-overriding=false"];
  const ended = await call(INFISICAL, ["export", "--format=json", ...where, ...quiet], asking);
  if (ended.code !== 0)
    throw new Refusal(
      /log ?in|token|unauthorized|401|403/i.test(ended.said)
        ? `needs a login: infisical login, or INFISICAL_TOKEN in CI (${because("infisical", ended)})`
        : because("infisical", ended),
    );
  const all = new Map(jsonOf(Secrets, "infisical", ended).map(({ key, value }) => [key, value]));
  return { values: Object.fromEntries(keys.flatMap((key) => (all.has(key) ? [[key, all.get(key) ?? ""]] : []))) };
}
