import type { PresetName } from "../../../core/accessory/preset.ts";
import { type Clues, cluesInSource, databasesOf } from "./clues.ts";
import type { AppFiles, Found } from "./files.ts";

const FILE = "Gemfile";

const CLIENTS: Readonly<Record<string, PresetName>> = {
  pg: "postgres",
  mysql2: "mysql",
  trilogy: "mysql",
  redis: "redis",
  sidekiq: "redis",
};
const PORTS: Readonly<Record<string, number>> = { rails: 3000, sinatra: 4567, hanami: 2300, puma: 9292 };

export const gemsOf = (files: AppFiles): string[] =>
  [...(files.read(FILE) ?? "").matchAll(/^\s*gem\s*\(?\s*["']([^"']+)["']/gm)].map(([, name = ""]) => name);

export function rubyClues(files: AppFiles): Clues | undefined {
  if (files.read(FILE) === undefined) return undefined;
  const gems = gemsOf(files);
  const framework = Object.keys(PORTS).find((name) => gems.includes(name));
  const routes = files.read("config/routes.rb") ?? "";
  const up = /get\s*\(?\s*["']\/?([\w/]+)["']\s*(?:=>|,\s*to:)\s*["']rails\/health#show["']/.exec(routes)?.[1];
  const health: Found<string> | undefined =
    up === undefined
      ? cluesInSource(files, ["app.rb", "config.ru", "main.rb", "server.rb"]).health
      : { value: `/${up}`, from: "config/routes.rb" };
  const release = gems.includes("rails") ? migrationOf(files) : undefined;
  return {
    ...(framework === undefined ? {} : { port: { value: PORTS[framework] ?? 3000, from: `${framework} in ${FILE}` } }),
    ...(health === undefined ? {} : { health }),
    ...(release === undefined ? {} : { release }),
    databases: databasesOf(gems, CLIENTS, FILE),
  };
}

/** The entrypoint of Rails' own Dockerfile does it at the start of each server. */
const migrationOf = (files: AppFiles): Found<string> | undefined =>
  /db:prepare|db:migrate/.test(files.read("bin/docker-entrypoint") ?? "")
    ? undefined
    : { value: "bin/rails db:prepare", from: `rails in ${FILE}` };
