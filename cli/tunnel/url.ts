import type { PresetName } from "../../core/accessory/preset.ts";
import { PRESETS } from "../../core/accessory/preset.ts";
import type { DeclaredAccessory } from "../stack/accessories.ts";
import { SECRET } from "../stack/checkpoint.ts";

interface Form {
  readonly scheme: string;
  /** The variables that may contain it, the first that is set counts; and the server's default. */
  readonly user?: { readonly of: readonly string[]; readonly otherwise: string };
  readonly database?: { readonly of: readonly string[]; readonly otherwise: "user" | "none" };
}

const mysql: Form = {
  scheme: "mysql",
  user: { of: ["MYSQL_USER", "MARIADB_USER"], otherwise: "root" },
  database: { of: ["MYSQL_DATABASE", "MARIADB_DATABASE"], otherwise: "none" },
};

const FORMS: Readonly<Record<PresetName, Form>> = {
  postgres: {
    scheme: "postgres",
    user: { of: ["POSTGRES_USER"], otherwise: "postgres" },
    database: { of: ["POSTGRES_DB"], otherwise: "user" },
  },
  mysql,
  mariadb: mysql,
  redis: { scheme: "redis" },
  valkey: { scheme: "redis" },
};

/**
 * The URL of an accessory on this machine, ready to paste: `postgres://app@127.0.0.1:5433/shop`. It has no password, because Slipway
 * does not know it here. A user or database name that is a secret is left out as well.
 *
 * @param port on this machine @param to in the container
 */
export function urlOf({ preset, containerPort, env, secretEnv }: UrlParts, port: number, to: number): string {
  const at = `127.0.0.1:${port}`;
  // A different port of the container may use a different protocol.
  const own = preset !== undefined && to === (containerPort ?? PRESETS[preset].port);
  if (!own) return at;
  const { scheme, user, database } = FORMS[preset];
  const setting = (names: readonly string[], otherwise: string): string => {
    if (names.some((name) => name in secretEnv || env[name] === SECRET)) return "";
    return names.map((name) => env[name]).find((value) => value !== undefined && value !== "") ?? otherwise;
  };
  const who = user === undefined ? "" : setting(user.of, user.otherwise);
  const what = database === undefined ? "" : setting(database.of, database.otherwise === "user" ? who : "");
  const path = what === "" ? "" : `/${encodeURIComponent(what)}`;
  return `${scheme}://${who === "" ? "" : `${encodeURIComponent(who)}@`}${at}${path}`;
}

type UrlParts = Pick<DeclaredAccessory, "preset" | "containerPort" | "env" | "secretEnv">;
