import { type NewSecret, refused } from "./addition.ts";
import type { StackText } from "./stack-text.ts";

/** The section `backup` of an accessory, and what it needs. */
export interface NewBackup {
  readonly value: Readonly<Record<string, unknown>>;
  readonly secrets: readonly NewSecret[];
  readonly notes: readonly string[];
}

/** At night, and not at the full hour, at which everyone's jobs start. */
const SCHEDULE = "17 3 * * *";
const KEYS = [
  { key: "access_key", name: "S3_ACCESS_KEY", variable: "AWS_ACCESS_KEY_ID" },
  { key: "secret_key", name: "S3_SECRET_KEY", variable: "AWS_SECRET_ACCESS_KEY" },
] as const;

/**
 * @param to `s3://acme-backups/shop?region=eu-central-1`, with `endpoint=…` for a store that is not Amazon's, or `/var/backups/shop`
 * @param env of this process, which has the keys of the bucket
 */
export function backupOf(to: string, stack: StackText, env: NodeJS.ProcessEnv = process.env): NewBackup {
  if (to.startsWith("/")) return { value: { schedule: SCHEDULE, to: { directory: to } }, secrets: [], notes: [ON_THE_SAME_DISK] };
  const [, bucket, prefix, query] = /^s3:\/\/([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(to) ?? [];
  if (bucket === undefined)
    throw refused(
      `${JSON.stringify(to)} is no place for backups`,
      "write --backup s3://BUCKET/PREFIX?region=REGION, or a folder of the host",
    );
  const settings = new URLSearchParams(query);
  const region = settings.get("region") ?? "us-east-1";
  const known = stack.config.secrets;
  const missing = KEYS.filter(({ name }) => !Object.hasOwn(known, name));
  const given = missing.map(({ name, variable }) => ({ name, variable, value: env[variable] ?? "" }));
  const unset = given.filter(({ value }) => value === "").map(({ variable }) => variable);
  if (unset.length > 0)
    throw refused(
      `the bucket ${bucket} needs keys, and ${unset.join(" and ")} ${unset.length === 1 ? "is" : "are"} not set in the environment`,
      `set ${unset.join(" and ")} and run this again: they are encrypted for this stack. A key that may only use this bucket is enough`,
    );
  const path = (prefix ?? "").replace(/\/+$/, "");
  return {
    value: {
      schedule: SCHEDULE,
      to: {
        s3: {
          endpoint: settings.get("endpoint") ?? `https://s3.${region}.amazonaws.com`,
          region,
          bucket,
          ...(path === "" ? {} : { prefix: path }),
          ...Object.fromEntries(KEYS.map(({ key, name }) => [key, [name]])),
        },
      },
    },
    secrets: given.map(({ name, value }) => ({ name, value })),
    notes: [],
  };
}

const ON_THE_SAME_DISK = "backups in a folder are on the disk of the same host: they do not help against a lost machine";
