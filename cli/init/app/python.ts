import type { PresetName } from "../../../core/accessory/preset.ts";
import { type Clues, cluesInSource, databasesOf } from "./clues.ts";
import type { AppFiles, Found } from "./files.ts";

const CLIENTS: Readonly<Record<string, PresetName>> = {
  psycopg: "postgres",
  psycopg2: "postgres",
  "psycopg2-binary": "postgres",
  asyncpg: "postgres",
  pg8000: "postgres",
  mysqlclient: "mysql",
  pymysql: "mysql",
  aiomysql: "mysql",
  mariadb: "mariadb",
  redis: "redis",
  "django-redis": "redis",
  rq: "redis",
  valkey: "valkey",
};
const PORTS: Readonly<Record<string, number>> = {
  django: 8000,
  fastapi: 8000,
  starlette: 8000,
  uvicorn: 8000,
  gunicorn: 8000,
  flask: 5000,
};
const SOURCES = ["main.py", "app.py", "server.py", "wsgi.py", "app/main.py", "src/main.py", "app/__init__.py"];

/** What pip is asked to install, in small letters, and the file that asks. */
export function pythonPackages(files: AppFiles): { readonly names: readonly string[]; readonly file: string } | undefined {
  const requirements = files.read("requirements.txt");
  if (requirements !== undefined) return { names: namesIn(requirements.split("\n")), file: "requirements.txt" };
  const project = files.read("pyproject.toml");
  if (project === undefined) return undefined;
  // Lists of PEP 621 in quotes, and tables of Poetry.
  const quoted = [...project.matchAll(/^\s*["']([^"']+)["'],?\s*(?:#.*)?$/gm)].map(([, text = ""]) => text);
  const inLine = [...project.matchAll(/^dependencies\s*=\s*\[(.*)\]/gm)].flatMap(([, list = ""]) =>
    [...list.matchAll(/["']([^"']+)["']/g)].map(([, text = ""]) => text),
  );
  const keys = [...project.matchAll(/^([A-Za-z][\w.-]*)\s*=\s*(?:["'{])/gm)].map(([, text = ""]) => text);
  return { names: namesIn([...quoted, ...inLine, ...keys]), file: "pyproject.toml" };
}

const namesIn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const name = /^\s*([A-Za-z0-9][\w.-]*)/.exec(line)?.[1];
    return name === undefined ? [] : [name.toLowerCase().replaceAll("_", "-")];
  });

export function pythonClues(files: AppFiles): Clues | undefined {
  const packages = pythonPackages(files);
  if (packages === undefined) return undefined;
  const { names, file } = packages;
  const name = /^name\s*=\s*["']([^"']+)["']/m.exec(files.read("pyproject.toml") ?? "")?.[1];
  const framework = Object.keys(PORTS).find((one) => names.includes(one));
  const isDjango = files.read("manage.py") !== undefined;
  const urls = isDjango ? files.list(".").map((folder) => `${folder}/urls.py`) : [];
  const inSource = cluesInSource(files, [...SOURCES, ...urls]);
  const port: Found<number> | undefined =
    framework === undefined ? inSource.port : { value: PORTS[framework] ?? 8000, from: `${framework} in ${file}` };
  const release: Found<string> | undefined = isDjango
    ? { value: "python manage.py migrate --noinput", from: "manage.py" }
    : files.read("alembic.ini") === undefined
      ? undefined
      : { value: "alembic upgrade head", from: "alembic.ini" };
  return {
    ...(name === undefined ? {} : { name }),
    ...(port === undefined ? {} : { port }),
    ...(inSource.health === undefined ? {} : { health: inSource.health }),
    ...(release === undefined ? {} : { release }),
    databases: databasesOf(names, CLIENTS, file),
  };
}
