import { z } from "zod";
import type { GcpPlace } from "../../config/index.ts";
import type { Asking, Found } from "../asking.ts";
import { inTurns } from "../in-turns.ts";
import { jsonOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { because, call, type Ended, type Tool } from "../tool.ts";

const GCLOUD: Tool = { program: "gcloud", install: "install it: https://cloud.google.com/sdk/docs/install" };
const LOGGED_OUT = /do not currently have an active account|reauthentication|gcloud auth login|refresh.*token|invalid_grant/i;

/** Only as JSON it is safe for any bytes: the plain output adds and removes line breaks. */
const Version = z.object({ payload: z.object({ data: z.string() }) });

/** One call for each secret: gcloud has no call for several. */
export async function askGcp(place: GcpPlace, keys: readonly string[], asking: Asking): Promise<Found> {
  const { prefix, project, account, impersonate } = place;
  const flags = Object.entries({ project, account, "impersonate-service-account": impersonate }).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}=${value}`],
  );
  const values: Record<string, string> = {};
  await inTurns(keys, async (key) => {
    const [name = "", version = "latest"] = key.split("/");
    const args = ["secrets", "versions", "access", version, `--secret=${prefix}${name}`, ...flags, "--format=json", "--quiet"];
    const ended = await call(GCLOUD, args, asking);
    if (ended.code === 0) values[key] = decoded(jsonOf(Version, "gcloud", ended).payload.data);
    else if (!/NOT_FOUND/.test(ended.said)) throw refused(ended);
  });
  return { values };
}

/** In the alphabet of URLs, or the usual one. */
const decoded = (data: string): string => Buffer.from(data.replaceAll("-", "+").replaceAll("_", "/"), "base64").toString("utf8");

const refused = (ended: Ended): Refusal =>
  new Refusal(
    LOGGED_OUT.test(ended.said)
      ? `needs a login: gcloud auth login, or a service account in CI (${because("gcloud", ended)})`
      : because("gcloud", ended),
  );
