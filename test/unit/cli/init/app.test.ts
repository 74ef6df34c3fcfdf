import { describe, expect, it } from "vitest";
import { type App, readApp } from "../../../../cli/init/app/app.ts";
import { readDockerfile } from "../../../../cli/init/app/dockerfile.ts";
import { imageFor } from "../../../../cli/init/dockerfile.ts";
import { anApp } from "./fixture.ts";

type Files = Readonly<Record<string, string>>;

/** What was found, in short. */
function short({ language, name, port, health, release, workers, databases }: App) {
  return {
    language,
    name,
    port: port?.value,
    ...(health === undefined ? {} : { health: health.value }),
    ...(release === undefined ? {} : { release: release.value }),
    ...(Object.keys(workers).length === 0
      ? {}
      : { workers: Object.fromEntries(Object.entries(workers).map(([role, { value }]) => [role, value])) }),
    ...(databases.length === 0 ? {} : { databases: databases.map(({ value, image }) => image ?? value) }),
  };
}

const json = (value: unknown): string => JSON.stringify(value);
const NODE = json({
  name: "@acme/shop",
  scripts: { start: "node server.js" },
  dependencies: { express: "^5", pg: "^8", ioredis: "^5" },
});
const RAILS = 'source "https://rubygems.org"\ngem "rails", "~> 8.1"\ngem "pg"\n# gem "mysql2"\ngem "sidekiq"\n';
const DJANGO = "Django>=5\npsycopg[binary]==3.2\n# comment\n-r other.txt\nredis\n";

const APPS: readonly (readonly [what: string, files: Files, found: object])[] = [
  [
    "Express with a port in its source",
    { "package.json": NODE, "server.js": 'app.get("/healthz", ok); app.listen(process.env.PORT || 4000);' },
    { language: "node", name: "shop", port: 4000, health: "/healthz", databases: ["postgres", "redis"] },
  ],
  [
    "Next.js with a route for its health, Prisma and PostgreSQL",
    {
      "package.json": json({
        name: "site",
        scripts: { start: "next start -p 3100" },
        dependencies: { next: "16" },
        devDependencies: { prisma: "7" },
      }),
      "prisma/schema.prisma": 'datasource db { provider = "postgresql" }',
      "prisma/migrations/1/migration.sql": "",
      "src/app/api/health/route.ts": "export const GET = …",
    },
    {
      language: "node",
      name: "site",
      port: 3100,
      health: "/api/health",
      release: "npx prisma migrate deploy",
      databases: ["postgres"],
    },
  ],
  [
    "a Node app with migrations of its own",
    { "package.json": json({ scripts: { "db:migrate": "knex migrate:latest" }, dependencies: { fastify: "5", mysql2: "3" } }) },
    { language: "node", name: "folder", port: 3000, release: "npm run db:migrate", databases: ["mysql"] },
  ],
  [
    "Rails as it is generated",
    { Gemfile: RAILS, "package.json": json({ name: "js-part" }), "config/routes.rb": 'get "up" => "rails/health#show", as: :x' },
    {
      language: "ruby",
      name: "js-part",
      port: 3000,
      health: "/up",
      release: "bin/rails db:prepare",
      databases: ["postgres", "redis"],
    },
  ],
  [
    "Rails whose entrypoint prepares the database",
    { Gemfile: RAILS, "bin/docker-entrypoint": "./bin/rails db:prepare" },
    { language: "ruby", name: "folder", port: 3000, databases: ["postgres", "redis"] },
  ],
  [
    "Django",
    { "requirements.txt": DJANGO, "manage.py": "", "shop/urls.py": "path('healthz/', ok)" },
    {
      language: "python",
      name: "folder",
      port: 8000,
      health: "/healthz",
      release: "python manage.py migrate --noinput",
      databases: ["postgres", "redis"],
    },
  ],
  [
    "FastAPI by pyproject.toml, with Alembic",
    {
      "pyproject.toml": '[project]\nname = "shop-api"\ndependencies = [\n  "fastapi>=0.1",\n  "asyncpg",\n]\n',
      "alembic.ini": "",
      "main.py": '@app.get("/health")',
    },
    {
      language: "python",
      name: "shop-api",
      port: 8000,
      health: "/health",
      release: "alembic upgrade head",
      databases: ["postgres"],
    },
  ],
  [
    "Flask by Poetry",
    { "pyproject.toml": '[tool.poetry]\nname = "web"\n[tool.poetry.dependencies]\npython = "^3.13"\nflask = "^3"\n' },
    { language: "python", name: "web", port: 5000 },
  ],
  [
    "Go",
    {
      "go.mod": "module github.com/acme/shop/v2\n\ngo 1.25\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.7.0\n)\n",
      "main.go": 'mux.HandleFunc("/up", ok)\nhttp.ListenAndServe(":9000", mux)',
    },
    { language: "go", name: "shop", port: 9000, health: "/up", databases: ["postgres"] },
  ],
  ["a static site", { "index.html": "<h1>hello</h1>" }, { language: "static", name: "folder", port: 80 }],
  ["a Dockerfile alone", { Dockerfile: "FROM scratch\nEXPOSE 7000\n" }, { language: undefined, name: "folder", port: 7000 }],
  [
    "a Procfile",
    {
      "package.json": json({ name: "shop" }),
      Procfile: "web: node server.js --port 3200\nrelease: bin/migrate\nworker: node worker.js --queue $QUEUE\n",
    },
    {
      language: "node",
      name: "shop",
      port: 3200,
      release: "bin/migrate",
      workers: { worker: "sh -c 'node worker.js --queue $QUEUE'" },
    },
  ],
  [
    "compose.yaml",
    {
      "compose.yaml": `services:
  app:
    build: .
    ports: ["127.0.0.1:8080:3300"]
    healthcheck: { test: ["CMD", "curl", "http://localhost:3300/ready"] }
  jobs: { build: ., command: [bin/jobs, --all] }
  db: { image: "postgres:16.4" }
  cache: { image: "valkey/valkey:\${VERSION}" }
`,
      Dockerfile: "FROM scratch\n",
    },
    {
      language: undefined,
      name: "folder",
      port: 3300,
      health: "/ready",
      workers: { jobs: "bin/jobs --all" },
      databases: ["postgres:16.4", "valkey"],
    },
  ],
  [
    "a compose.yaml that is no YAML",
    { "compose.yaml": "services: [\n", Dockerfile: "FROM a\n" },
    { language: undefined, name: "folder", port: undefined },
  ],
  ["nothing", { "README.md": "" }, { language: undefined, name: "folder", port: undefined }],
];

describe("what an app's files say of it", () => {
  it.each(APPS)("%s", (_, files, found) => {
    expect(short(readApp(anApp(files), "folder"))).toEqual(found);
  });

  it("a port of the Dockerfile or of compose.yaml is certain, any other is asked for", () => {
    const certain = (files: Files) => readApp(anApp(files), "folder").port?.isCertain;
    expect(certain({ Dockerfile: "FROM a\nEXPOSE 1\n", "package.json": NODE })).toBe(true);
    expect(certain({ Dockerfile: "FROM a\n", "package.json": NODE })).toBe(false);
  });
});

describe("a Dockerfile for an app that has none", () => {
  const written = (files: Files) => {
    const found = anApp(files);
    const app = readApp(found, "folder");
    const image = imageFor(app, found);
    return { app, text: image?.dockerfile ?? "", ignored: image?.dockerignore ?? "" };
  };

  it.each(
    APPS.filter(
      ([, files]) => files.Dockerfile === undefined && files["README.md"] === undefined && files["compose.yaml"] === undefined,
    ),
  )("says the port itself that was found: %s", (_, files) => {
    const { app, text } = written(files);
    expect(readDockerfile(text).port?.value).toBe(app.port?.value);
  });

  it.each<[string, Files, string]>([
    ["Node", { "package.json": NODE }, 'CMD ["node", "server.js"]'],
    [
      "Node with a start that needs a shell",
      { "package.json": json({ scripts: { start: "a && b" }, dependencies: { koa: "3" } }) },
      'CMD ["npm", "start"]',
    ],
    ["Node without a start", { "package.json": json({ main: "lib/x.js" }) }, 'CMD ["node", "lib/x.js"]'],
    [
      "Django without a server",
      { "requirements.txt": "django\n", "manage.py": "" },
      'CMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]',
    ],
    [
      "Django",
      { "requirements.txt": "django\ngunicorn\n", "manage.py": "", "shop/wsgi.py": "" },
      'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "shop.wsgi"]',
    ],
    [
      "FastAPI",
      { "requirements.txt": "fastapi\nuvicorn\n", "app/main.py": "api = FastAPI()\n" },
      'CMD ["uvicorn", "app.main:api", "--host", "0.0.0.0", "--port", "8000"]',
    ],
    [
      "Flask",
      { "requirements.txt": "flask\n", "app.py": "app = Flask(__name__)\n" },
      'CMD ["flask", "--app", "app", "run", "--host", "0.0.0.0", "--port", "5000"]',
    ],
    ["Go in cmd/", { "go.mod": "module a\ngo 1.24\n", "cmd/web/main.go": "" }, "go build -o /server ./cmd/web"],
    ["Go of its version", { "go.mod": "module a\ngo 1.24.1\n", "main.go": "" }, "FROM golang:1.24 AS build"],
    ["Rails", { Gemfile: RAILS, "config/application.rb": "" }, 'CMD ["bin/rails", "server", "-b", "0.0.0.0", "-p", "3000"]'],
    ["a static site", { "index.html": "" }, "COPY . /usr/share/nginx/html"],
  ])("%s", (_, files, expected) => {
    const { text, ignored } = written(files);
    expect(text).toContain(expected);
    expect(ignored.split("\n")).toContain(".git");
  });

  it("is not written for what is not known", () => {
    expect(imageFor(readApp(anApp({}), "folder"), anApp({}))).toBeUndefined();
  });
});
