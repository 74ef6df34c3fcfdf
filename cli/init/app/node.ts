import type { PresetName } from "../../../core/accessory/preset.ts";
import { parseJson } from "../../../core/text.ts";
import { isMap } from "../../../core/values.ts";
import { type Clues, cluesInSource, databasesOf } from "./clues.ts";
import { portInCommand } from "./dockerfile.ts";
import type { AppFiles, Found } from "./files.ts";

const MANIFEST = "package.json";

const CLIENTS: Readonly<Record<string, PresetName>> = {
  pg: "postgres",
  postgres: "postgres",
  "pg-promise": "postgres",
  mysql: "mysql",
  mysql2: "mysql",
  mariadb: "mariadb",
  redis: "redis",
  ioredis: "redis",
  bullmq: "redis",
  bull: "redis",
  iovalkey: "valkey",
};

/** The ports of frameworks that listen without being asked to. */
const PORTS: Readonly<Record<string, number>> = {
  next: 3000,
  nuxt: 3000,
  astro: 4321,
  "@remix-run/serve": 3000,
  "@react-router/serve": 3000,
  "@sveltejs/kit": 3000,
  "@nestjs/core": 3000,
  "@adonisjs/core": 3333,
  express: 3000,
  fastify: 3000,
  koa: 3000,
  hono: 3000,
};

const MIGRATIONS = ["migrate:deploy", "db:migrate", "migration:run", "migrate"];
const SOURCES = ["server", "index", "app", "main"].flatMap((name) =>
  ["", "src/"].flatMap((folder) => ["js", "mjs", "cjs", "ts"].map((end) => `${folder}${name}.${end}`)),
);
/** Routes that a framework makes of files. */
const ROUTES: readonly (readonly [file: RegExp, folder: string, path: string])[] = ["up", "healthz", "health"].flatMap((name) => [
  [/^route\.[jt]sx?$/, `app/${name}`, `/${name}`] as const,
  [/^route\.[jt]sx?$/, `src/app/${name}`, `/${name}`] as const,
  [/^route\.[jt]sx?$/, `app/api/${name}`, `/api/${name}`] as const,
  [/^route\.[jt]sx?$/, `src/app/api/${name}`, `/api/${name}`] as const,
  [new RegExp(`^${name}\\.[jt]s$`), "pages/api", `/api/${name}`] as const,
]);

export function nodeClues(files: AppFiles): Clues | undefined {
  const manifest = parseJson(files.read(MANIFEST) ?? "");
  if (!isMap(manifest)) return undefined;
  const texts = (value: unknown) =>
    Object.fromEntries(
      Object.entries(isMap(value) ? value : {}).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
    );
  const packages = Object.keys(texts(manifest.dependencies));
  const scripts = texts(manifest.scripts);
  const start = scripts.start ?? "";
  const inSource = cluesInSource(files, sourcesOf(manifest.main, start));
  const port = portInCommand(start);
  const framework = packages.find((name) => Object.hasOwn(PORTS, name));
  const found: Found<number> | undefined =
    port !== undefined ? { value: port, from: `scripts.start in ${MANIFEST}` } : (inSource.port ?? usual(framework));
  const route = ROUTES.find(([file, folder]) => files.list(folder).some((name) => file.test(name)));
  const health = route === undefined ? inSource.health : { value: route[2], from: `${route[1]}/` };
  const release = releaseOf(files, [...packages, ...Object.keys(texts(manifest.devDependencies))], scripts);
  return {
    ...(typeof manifest.name === "string" ? { name: manifest.name } : {}),
    ...(found === undefined ? {} : { port: found }),
    ...(health === undefined ? {} : { health }),
    ...(release === undefined ? {} : { release }),
    databases: [...databasesOf(packages, CLIENTS, MANIFEST), ...ofPrisma(files)],
  };
}

function sourcesOf(main: unknown, start: string): string[] {
  const started = /\bnode\s+(?:-\S+\s+)*(\S+)/.exec(start)?.[1];
  return [started, typeof main === "string" ? main : undefined, ...SOURCES].flatMap((path) =>
    path === undefined ? [] : [path.replace(/^\.\//, "")],
  );
}

function usual(framework: string | undefined): Found<number> | undefined {
  const value = framework === undefined ? undefined : PORTS[framework];
  return value === undefined ? undefined : { value, from: `${framework} in ${MANIFEST}` };
}

function releaseOf(
  files: AppFiles,
  packages: readonly string[],
  scripts: Readonly<Record<string, string>>,
): Found<string> | undefined {
  if (packages.includes("prisma") && files.list("prisma/migrations").length > 0)
    return { value: "npx prisma migrate deploy", from: "prisma/migrations" };
  const script = MIGRATIONS.find((name) => Object.hasOwn(scripts, name));
  return script === undefined ? undefined : { value: `npm run ${script}`, from: `scripts in ${MANIFEST}` };
}

const PRISMA = "prisma/schema.prisma";

function ofPrisma(files: AppFiles): { value: PresetName; from: string }[] {
  const [, provider] = /provider\s*=\s*"(postgresql|mysql)"/.exec(files.read(PRISMA) ?? "") ?? [];
  if (provider === undefined) return [];
  return [{ value: provider === "mysql" ? "mysql" : "postgres", from: PRISMA }];
}
