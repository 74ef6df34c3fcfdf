import { z } from "zod";
import type { Backup } from "../../core/schedule/backup.ts";
import type { BackupStore } from "../../core/schedule/store.ts";
import type { Seconds } from "../../core/words.ts";
import type { Secrets } from "../env/secret.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";
import { faultOfAgeKey } from "./age-key.ts";
import { resolveCron } from "./cron.ts";

const KEEP = 7;
const TIMEOUT: Seconds = 6 * 3600;
const REGION = "us-east-1";

const S3Section = section({
  endpoint: field(z.string(), {
    is: "The store's address.",
    refused: "missing; anything but http:// and https://; credentials in it",
    example: "https://s3.eu-central-1.amazonaws.com",
  }),
  region: field(z.string(), { is: "The region that requests are signed for.", default: REGION, example: "eu-central-1" }),
  bucket: field(z.string(), { is: "The bucket, which must exist.", refused: "missing", example: "acme-backups" }),
  prefix: field(z.string(), {
    is: "Path before the folder of the accessory.",
    default: "",
    refused: "anything but letters, digits, ., -, _ and /",
    example: "shop/production",
  }),
  access_key: field(z.array(z.string()).length(1, { error: "should name one secret: [NAME]" }), {
    is: "The name of the secret with the access key id.",
    refused: "missing; a secret that is not set",
    example: ["S3_ACCESS_KEY"],
  }),
  secret_key: field(z.array(z.string()).length(1, { error: "should name one secret: [NAME]" }), {
    is: "The name of the secret with the secret key.",
    refused: "missing; a secret that is not set",
    example: ["S3_SECRET_KEY"],
  }),
});

const ToSection = section({
  directory: field(z.string(), {
    is: "A folder of the host, with a folder for each accessory.",
    refused: "a path that is not absolute; together with s3",
    example: "/var/backups/shop",
  }),
  s3: field(S3Section, {
    is: "A bucket of an S3-compatible store.",
    refused: "together with directory",
    example: {
      endpoint: "https://s3.eu-central-1.amazonaws.com",
      bucket: "acme-backups",
      access_key: ["S3_ACCESS_KEY"],
      secret_key: ["S3_SECRET_KEY"],
    },
  }),
});

export const BackupSection = section({
  schedule: field(z.string(), {
    is: "When a backup starts, as in cron: minute, hour, day, month and weekday, or @daily.",
    refused: "missing; not valid in cron; a time that never comes",
    example: "17 3 * * *",
  }),
  timezone: field(z.string(), { is: "Time zone of schedule.", default: "UTC", example: "Europe/Berlin" }),
  keep: field(z.int().min(1), {
    is: "How many backups are kept. Older ones are deleted once a new one is complete.",
    default: KEEP,
    example: 14,
  }),
  to: field(ToSection, {
    is: "Where backups are stored: directory or s3.",
    refused: "missing",
    example: { directory: "/var/backups/shop" },
  }),
  encrypt: field(z.string(), {
    is: "An age public key that encrypts the backups. Keep its private key: without it they cannot be read.",
    otherwise: "not encrypted",
    refused: "a private key; a key that is mistyped",
    example: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
  }),
  volumes: field(z.array(z.string()).min(1), {
    is: "Backs up files instead of the database: names of volumes, or folders of the host, that the accessory mounts.",
    otherwise: "the database of the preset, else all volumes of the accessory",
    example: ["shop-files-production-data"],
  }),
  drill: field(z.string(), {
    is: "What slipway backup drill runs on the restored data: SQL, a Redis command, or a shell command in the folder of the files.",
    otherwise: "the number of tables, keys or files",
    example: "SELECT count(*) FROM orders",
  }),
  timeout: field(secondsFrom(1), { is: "Timeout of a backup, in seconds.", default: TIMEOUT, example: 3600 }),
});
export type BackupInput = z.infer<typeof BackupSection>;

export function resolveBackup(
  input: BackupInput | undefined,
  secrets: Secrets | undefined,
  place: ConfigPath,
): Backup | undefined {
  if (input === undefined) return undefined;
  const fault = input.encrypt === undefined ? undefined : faultOfAgeKey(input.encrypt);
  if (fault !== undefined) place.at("encrypt").refuse(fault);
  return {
    ...resolveCron(input, place),
    keep: input.keep ?? KEEP,
    to: resolveTo(input.to, secrets, place.at("to")),
    encrypt: input.encrypt,
    volumes: input.volumes,
    drill: input.drill,
    timeout: input.timeout ?? TIMEOUT,
  };
}

function resolveTo(input: BackupInput["to"], secrets: Secrets | undefined, place: ConfigPath): BackupStore {
  const { directory, s3 } = input ?? {};
  if (input === undefined) place.refuse("is required: {directory: /var/backups/shop}, or {s3: …}");
  else if ((directory === undefined) === (s3 === undefined)) place.refuse("set either directory or s3");
  if (s3 !== undefined) return resolveS3(s3, secrets, place.at("s3"));
  if (directory !== undefined && !/^\/[^:\s]+$/.test(directory))
    place.at("directory").refuse(`${quoted(directory)} is not an absolute path without whitespace and colons`);
  return { kind: "directory", path: (directory ?? "").replace(/\/+$/, "") };
}

function resolveS3(input: z.infer<typeof S3Section>, secrets: Secrets | undefined, place: ConfigPath): BackupStore {
  const { endpoint = "", bucket = "", prefix = "" } = input;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (input.endpoint === undefined) place.at("endpoint").refuse("is required");
  else if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    place.at("endpoint").refuse("is not an http or https address");
  else if (url.username !== "" || url.password !== "")
    place.at("endpoint").refuse("contains credentials: use access_key and secret_key");
  if (input.bucket === undefined) place.at("bucket").refuse("is required");
  else if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) place.at("bucket").refuse("is not a valid bucket name");
  if (!/^[\w./-]*$/.test(prefix)) place.at("prefix").refuse("should contain only letters, digits, ., -, _ and /");
  const secret = (key: "access_key" | "secret_key"): string => {
    const [name] = input[key] ?? [];
    if (name === undefined) place.at(key).refuse("is required: [NAME] of a secret");
    else secrets?.lookUp(name, place.at(key, 0));
    return name ?? "";
  };
  return {
    kind: "s3",
    endpoint: endpoint.replace(/\/+$/, ""),
    region: input.region ?? REGION,
    bucket,
    prefix: prefix.replace(/^\/+|\/+$/g, ""),
    accessKey: secret("access_key"),
    secretKey: secret("secret_key"),
  };
}
