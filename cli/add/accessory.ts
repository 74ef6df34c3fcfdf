import { randomBytes } from "node:crypto";
import type { PresetName } from "../../core/accessory/preset.ts";
import { isMap } from "../../core/values.ts";
import { type Addition, type NewSecret, refused } from "./addition.ts";
import { backupOf } from "./backup.ts";
import type { StackText } from "./stack-text.ts";

export interface NewAccessory {
  readonly preset: PresetName;
  /** Default: `db`, or `cache`. */
  readonly name?: string | undefined;
  /** Default: the tested version of its usual image. */
  readonly image?: string | undefined;
  /** A host of the stack. Default: the first one of the primary role. */
  readonly host?: string | undefined;
  /** The variable of the app that gets its URL. Default: DATABASE_URL, or REDIS_URL. */
  readonly variable?: string | undefined;
  /** Where backups go: `s3://BUCKET/PREFIX?region=…&endpoint=…`, or a folder of the host. */
  readonly backup?: string | undefined;
}

/** What differs between the servers. */
interface Kind {
  readonly name: string;
  readonly image: string;
  readonly variable: string;
  /** The variables of its container that are secrets; the first is that of the app's login. */
  readonly secrets: readonly string[];
  /** Its other variables. */
  readonly clear: (database: string) => Readonly<Record<string, string>>;
  /** In front of the host and behind the port of its URL. */
  readonly url: { readonly scheme: string; readonly user: string; readonly hasDatabase: boolean };
  /** Keys that only it needs. */
  readonly more: Readonly<Record<string, unknown>>;
}

const USER = "app";
const CONF = "/etc/redis/redis.conf";

const redis = (server: string, image: string): Kind => ({
  name: "cache",
  image,
  variable: "REDIS_URL",
  // The name under which its own client reads it.
  secrets: ["REDISCLI_AUTH"],
  clear: () => ({}),
  url: { scheme: "redis", user: "", hasDatabase: false },
  more: {
    // A file, since every user of the host could read an argument.
    cmd: `${server} ${CONF}`,
    files: [{ content: `requirepass \${REDISCLI_AUTH}\nappendonly yes\n`, remote: CONF, template: true }],
  },
});

const KINDS: Readonly<Record<PresetName, Kind>> = {
  postgres: {
    name: "db",
    image: "postgres:17",
    variable: "DATABASE_URL",
    secrets: ["POSTGRES_PASSWORD"],
    clear: (database) => ({ POSTGRES_USER: USER, POSTGRES_DB: database }),
    url: { scheme: "postgres", user: USER, hasDatabase: true },
    more: {},
  },
  mysql: {
    name: "db",
    image: "mysql:8.4",
    variable: "DATABASE_URL",
    secrets: ["MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"],
    clear: (database) => ({ MYSQL_USER: USER, MYSQL_DATABASE: database }),
    url: { scheme: "mysql", user: USER, hasDatabase: true },
    more: {},
  },
  mariadb: {
    name: "db",
    image: "mariadb:11.8",
    variable: "DATABASE_URL",
    secrets: ["MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD"],
    clear: (database) => ({ MARIADB_USER: USER, MARIADB_DATABASE: database }),
    url: { scheme: "mysql", user: USER, hasDatabase: true },
    more: {},
  },
  redis: redis("redis-server", "redis:8"),
  valkey: redis("valkey-server", "valkey/valkey:8"),
};

/** Of 192 bits. Letters and digits, - and _ alone: it is part of a URL and of a config file. */
export const newPassword = (): string => randomBytes(24).toString("base64url");

/** A database or cache with secrets of its own, and its URL for the app. Pure, but for `password`. */
export function planAccessory(wanted: NewAccessory, stack: StackText, password: () => string = newPassword): Addition {
  const kind = KINDS[wanted.preset];
  const { name = kind.name, image = kind.image, variable = kind.variable } = wanted;
  const known = isMap(stack.at("accessories")) ? Object.keys(stack.at("accessories") ?? {}) : [];
  if (known.includes(name))
    throw refused(`there is an accessory ${name} already`, `choose another name: --name ${freeName(name, known)}`);
  const host = hostFor(wanted.host, stack);
  const database = stack.config.service.replace(/[^A-Za-z0-9_]/g, "_");
  const secrets = kind.secrets.map((inContainer) => secretFor(inContainer, name, stack, password()));
  const backup = wanted.backup === undefined ? undefined : backupOf(wanted.backup, stack);
  const clear = kind.clear(database);
  const value = {
    image,
    host,
    ...kind.more,
    env: {
      ...(Object.keys(clear).length === 0 ? {} : { clear }),
      secret: secrets.map(({ inContainer, name }) => (inContainer === name ? name : `${inContainer}:${name}`)),
    },
    ...(backup === undefined ? {} : { backup: backup.value }),
  };
  return {
    what: `the accessory ${name} (${image}) on ${host}, and ${variable} for the app`,
    edits: [
      { path: ["slipway:accessories", name], to: value },
      { path: variableAt(variable, stack), to: urlOf(kind, name, database) },
    ],
    secrets: [...secrets, ...(backup?.secrets ?? [])],
    notes: backup?.notes ?? [],
  };
}

function urlOf({ url, secrets: [password = ""] }: Kind, name: string, database: string): string {
  const of = (part: string) => `\${accessories.${name}.${part}}`;
  const path = url.hasDatabase ? `/${database}` : "";
  return `${url.scheme}://${url.user}:${of(`secret.${password}`)}@${of("host")}:${of("port")}${path}`;
}

export function hostFor(wanted: string | undefined, stack: StackText): string {
  const { hosts, roles } = stack.config;
  const name = wanted ?? roles[0]?.hosts[0];
  const known = hosts.map((host) => host.name);
  if (name !== undefined && known.includes(name)) return name;
  throw refused(
    wanted === undefined ? "the stack has no host yet" : `there is no host ${wanted} in the stack`,
    wanted === undefined ? "add one: slipway add host ADDRESS" : "name one of these with --host",
    wanted === undefined ? [] : [`hosts: ${known.join(", ")}`],
  );
}

/** Its name in the container, if no other accessory has a secret of that name. */
function secretFor(
  inContainer: string,
  accessory: string,
  stack: StackText,
  value: string,
): NewSecret & { readonly inContainer: string } {
  const secrets = stack.at("secrets");
  const taken = isMap(secrets) ? Object.keys(secrets) : [];
  const own = `${accessory.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_${inContainer}`;
  return { inContainer, name: taken.includes(inContainer) ? freeName(own, taken) : inContainer, value };
}

const freeName = (name: string, taken: readonly string[]): string =>
  [name, ...Array.from({ length: taken.length + 1 }, (_, at) => `${name}${at + 2}`)].find((one) => !taken.includes(one)) ?? name;

/** Where the app's environment has a variable: below `clear`, or in a map of values alone. */
function variableAt(variable: string, stack: StackText): readonly string[] {
  const env = stack.at("env");
  const written = isMap(env) ? env : {};
  if ("secure" in written)
    throw refused(
      "slipway:env is encrypted as a whole, so no variable can be added to it",
      "write the values that are secret in slipway:secrets, and the others in slipway:env.clear",
    );
  const isPlain = Object.keys(written).length > 0 && !["clear", "secret", "tags"].some((key) => key in written);
  const { clear, secret } = written;
  const names = [
    ...Object.keys(isPlain ? written : {}),
    ...(isMap(clear) ? Object.keys(clear) : []),
    ...(Array.isArray(secret) ? secret.map((one) => String(one).split(":")[0] ?? "") : []),
  ];
  if (names.includes(variable))
    throw refused(
      `the app has a variable ${variable} already, in slipway:env`,
      `remove it, or choose a different name for the new URL: --variable ${freeName(variable, names)}`,
    );
  return isPlain ? ["slipway:env", variable] : ["slipway:env", "clear", variable];
}
