import { hostInUrl, inUrl } from "../url.ts";
import type { PresetName } from "./preset.ts";

/** A variable of a container's environment. One that is empty counts as missing. */
export interface Variable {
  /** Empty: a secret that is not known here. */
  readonly value: string;
  readonly isSecret: boolean;
}

/** What a container's environment says of the variable with this name. */
export type VariableNamed = (name: string) => Variable | undefined;

/** Everything in the URL of a server but its host and port. What is missing or empty is left out. */
export interface UrlLogin {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Whether a part of it is a secret. A password always is. */
  readonly isSecret: boolean;
}

interface Form {
  readonly scheme: string;
  /** The variables that may contain it, the first that is set counts; and the user of a server that got none. */
  readonly user: { readonly of: readonly string[]; readonly otherwise: string };
  /** That of the user in `user.of`, or of the only one. */
  readonly password: readonly string[];
  readonly database: { readonly of: readonly string[]; readonly otherwise: "user" | "none" };
}

const redis: Form = {
  scheme: "redis",
  user: { of: [], otherwise: "" },
  password: ["REDISCLI_AUTH", "REDIS_PASSWORD", "VALKEY_PASSWORD"],
  database: { of: [], otherwise: "none" },
};

const FORMS: Readonly<Record<PresetName, Form>> = {
  postgres: {
    scheme: "postgres",
    user: { of: ["POSTGRES_USER"], otherwise: "postgres" },
    password: ["POSTGRES_PASSWORD"],
    database: { of: ["POSTGRES_DB"], otherwise: "user" },
  },
  mysql: {
    scheme: "mysql",
    user: { of: ["MYSQL_USER"], otherwise: "root" },
    password: ["MYSQL_PASSWORD"],
    database: { of: ["MYSQL_DATABASE"], otherwise: "none" },
  },
  mariadb: {
    scheme: "mysql",
    user: { of: ["MARIADB_USER", "MYSQL_USER"], otherwise: "root" },
    password: ["MARIADB_PASSWORD", "MYSQL_PASSWORD"],
    database: { of: ["MARIADB_DATABASE", "MYSQL_DATABASE"], otherwise: "none" },
  },
  redis,
  valkey: redis,
};

const NOTHING: Variable = { value: "", isSecret: false };

/** What the environment says of the login, as far as it says it. */
export function loginIn(preset: PresetName, variable: VariableNamed): UrlLogin {
  const { scheme, ...form } = FORMS[preset];
  const first = (names: readonly string[]) => names.map(variable).find((one) => one !== undefined);
  const user = first(form.user.of) ?? { value: form.user.otherwise, isSecret: false };
  const password = first(form.password) ?? NOTHING;
  const database = first(form.database.of) ?? (form.database.otherwise === "user" ? user : NOTHING);
  return {
    scheme,
    user: user.value,
    password: password.value,
    database: database.value,
    isSecret: password !== NOTHING || user.isSecret || database.isSecret,
  };
}

/** What decides whether the login is certain. */
export interface ServerProcess {
  readonly preset: PresetName | undefined;
  /** undefined: the image's own. */
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
}

/**
 * The login with which the server certainly lets a client in; undefined if it depends on more than the environment. Root of MySQL has
 * none: from which hosts root may log in differs between images.
 */
export function certainLogin(server: ServerProcess, variable: VariableNamed): UrlLogin | undefined {
  const { preset } = server;
  if (preset === undefined) return undefined;
  const { user, password, database } = FORMS[preset];
  const isInFile = [...user.of, ...password, ...database.of].some((name) => variable(`${name}_FILE`) !== undefined);
  if (isInFile) return undefined;
  const login = loginIn(preset, variable);
  if (login.scheme === "mysql" && user.of.every((name) => variable(name) === undefined)) return undefined;
  if (login.password !== "") return login;
  return login.scheme === "redis" && isOpen(server) ? login : undefined;
}

const REDIS_SERVER = /^(?:redis|valkey)-server$/;
/** Options by which Redis gets users, TLS, or a file that has these. */
const RESTRICTS = /^--(?:requirepass|user|aclfile|include|port|tls-)/i;

/** Whether Redis, without a password in its environment, has none at all. */
function isOpen({ command = [], entrypoint }: ServerProcess): boolean {
  const options = REDIS_SERVER.test(command[0] ?? "") ? command.slice(1) : command;
  const isFile = options[0] !== undefined && !options[0].startsWith("--");
  return entrypoint === undefined && !isFile && !options.some((option) => RESTRICTS.test(option));
}

/** @example urlOf(login, "10.0.0.5", 5432) // "postgres://app:p%40ss@10.0.0.5:5432/shop" */
export function urlOf({ scheme, user, password, database }: UrlLogin, host: string, port: number): string {
  const login = `${inUrl(user)}${password === "" ? "" : `:${inUrl(password)}`}`;
  const path = database === "" ? "" : `/${inUrl(database)}`;
  return `${scheme}://${login === "" ? "" : `${login}@`}${hostInUrl(host)}:${port}${path}`;
}
