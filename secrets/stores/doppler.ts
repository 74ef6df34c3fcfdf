import { z } from "zod";
import type { SourcePlace } from "../../config/index.ts";
import type { Asking, Found } from "../asking.ts";
import { jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Tool } from "../tool.ts";

type Place = Extract<SourcePlace, { readonly kind: "doppler" }>;

const DOPPLER: Tool = {
  program: "doppler",
  install: "install it: brew install dopplerhq/cli/doppler, or https://docs.doppler.com/docs/install-cli",
};
const LOGGED_OUT =
  /you must provide a token|invalid (?:auth|service) token|token .*(?:expired|revoked)|unauthorized|must be logged in/i;

/** `computed` is null for a secret that this login may not read. */
const Secrets = z.record(z.string(), z.object({ computed: z.string().nullish(), computedVisibility: z.string().optional() }));

/** One call lists them all: `get` with a name that is missing would fail as a whole. */
export async function askDoppler({ project, config }: Place, keys: readonly string[], asking: Asking): Promise<Found> {
  const where = [...(project === undefined ? [] : ["--project", project]), ...(config === undefined ? [] : ["--config", config])];
  const ended = await call(DOPPLER, ["secrets", "--json", "--no-check-version", ...where], asking);
  if (ended.code !== 0)
    throw new Refusal(
      LOGGED_OUT.test(ended.said)
        ? `needs a login: doppler login, or DOPPLER_TOKEN in CI (${because("doppler", ended)})`
        : because("doppler", ended),
    );
  const secrets = jsonOf(Secrets, "doppler", ended);
  const values: Record<string, string> = {};
  const hints: Record<string, string> = {};
  for (const key of keys) {
    const found = Object.hasOwn(secrets, key) ? secrets[key] : undefined;
    if (typeof found?.computed === "string") values[key] = found.computed;
    else if (found !== undefined)
      hints[key] = `it is restricted there (${found.computedVisibility ?? "no value"}): use a service token that may read it`;
  }
  return { values, hints };
}
