import type { PresetName } from "../../../core/accessory/preset.ts";
import { type Clues, cluesInSource, databasesOf } from "./clues.ts";
import type { AppFiles } from "./files.ts";

const CLIENTS: Readonly<Record<string, PresetName>> = {
  "github.com/lib/pq": "postgres",
  "github.com/jackc/pgx/v5": "postgres",
  "github.com/jackc/pgx/v4": "postgres",
  "gorm.io/driver/postgres": "postgres",
  "github.com/go-sql-driver/mysql": "mysql",
  "gorm.io/driver/mysql": "mysql",
  "github.com/redis/go-redis/v9": "redis",
  "github.com/gomodule/redigo": "redis",
  "github.com/valkey-io/valkey-go": "valkey",
};

export function goClues(files: AppFiles): Clues | undefined {
  const module = files.read("go.mod");
  if (module === undefined) return undefined;
  const name = /^module\s+(\S+)/m.exec(module)?.[1];
  const packages = [...module.matchAll(/^\s*(?:require\s+)?([\w.-]+\.[a-z]+\/\S+)\s+v/gm)].map(([, path = ""]) => path);
  const sources = [...files.list("."), ...files.list("cmd").map((folder) => `cmd/${folder}/main.go`)];
  const inSource = cluesInSource(
    files,
    ["main.go", ...sources].filter((path) => path.endsWith(".go") && !path.endsWith("_test.go")),
  );
  return {
    ...(name === undefined ? {} : { name: name.replace(/\/v\d+$/, "") }),
    port: inSource.port ?? { value: 8080, from: "go.mod" },
    ...(inSource.health === undefined ? {} : { health: inSource.health }),
    databases: databasesOf(packages, CLIENTS, "go.mod"),
  };
}
