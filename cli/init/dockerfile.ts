import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import type { App, Language } from "./app/app.ts";
import type { AppFiles } from "./app/files.ts";
import { asCommand } from "./app/procfile.ts";
import { pythonPackages } from "./app/python.ts";

/** Files for an app that has no Dockerfile. */
export interface NewImage {
  readonly dockerfile: string;
  readonly dockerignore: string;
}

const IGNORED = [".git", ".github", ".env", ".env.*", "tmp", "log", "*.log"];

/** `undefined` for an app in a language that is not known here. */
export function imageFor(app: App, files: AppFiles): NewImage | undefined {
  if (app.language === undefined) return undefined;
  const { lines, ignored } = WRITERS[app.language](files, app.port?.value ?? 8080);
  const head = "# Written by slipway init. Adapt it: it is yours.";
  return {
    dockerfile: `${[head, ...lines].join("\n")}\n`,
    dockerignore: `${[...IGNORED, ...ignored, "Dockerfile", ".dockerignore"].join("\n")}\n`,
  };
}

interface Written {
  readonly lines: readonly string[];
  readonly ignored: readonly string[];
}

const cmd = (words: readonly string[]): string => `CMD [${words.map((word) => JSON.stringify(word)).join(", ")}]`;

const WRITERS: Readonly<Record<Language, (files: AppFiles, port: number) => Written>> = { node, python, ruby, go, static: site };

const LOCKS = [
  {
    file: "pnpm-lock.yaml",
    prepare: "corepack enable && ",
    install: "pnpm install --frozen-lockfile",
    run: "pnpm",
    prune: "pnpm prune --prod",
  },
  {
    file: "yarn.lock",
    prepare: "corepack enable && ",
    install: "yarn install --immutable || yarn install --frozen-lockfile",
    run: "yarn",
    prune: undefined,
  },
  { file: "package-lock.json", prepare: "", install: "npm ci", run: "npm", prune: "npm prune --omit=dev" },
] as const;
const NO_LOCK = { file: undefined, prepare: "", install: "npm install", run: "npm", prune: "npm prune --omit=dev" } as const;

function node(files: AppFiles, port: number): Written {
  const manifest = parseJson(files.read("package.json") ?? "");
  const scripts = isMap(manifest) && isMap(manifest.scripts) ? manifest.scripts : {};
  const lock = LOCKS.find(({ file }) => files.read(file) !== undefined) ?? NO_LOCK;
  const start = typeof scripts.start === "string" ? scripts.start : `node ${mainOf(manifest, files)}`;
  // npm as the first process would pass no signal on to what it starts.
  const started = /^node(?:\s+[\w./=-]+)+$/.test(start) ? start.split(/\s+/) : [lock.run, "start"];
  const lines = [
    "FROM node:24-slim AS build",
    "WORKDIR /app",
    `COPY package.json${lock.file === undefined ? "" : ` ${lock.file}`} ./`,
    `RUN ${lock.prepare}${lock.install}`,
    "COPY . .",
    ...("build" in scripts ? [`RUN ${lock.run} run build`] : []),
    ...(lock.prune === undefined ? [] : [`RUN ${lock.prune}`]),
    "",
    "FROM node:24-slim",
    `ENV NODE_ENV=production HOST=0.0.0.0 HOSTNAME=0.0.0.0 PORT=${port}`,
    "WORKDIR /app",
    ...(lock.run === "npm" || started[0] === "node" ? [] : ["RUN corepack enable"]),
    "COPY --from=build --chown=node:node /app .",
    "USER node",
    `EXPOSE ${port}`,
    cmd(started),
  ];
  return { lines, ignored: ["node_modules", ".next/cache", "coverage"] };
}

function mainOf(manifest: unknown, files: AppFiles): string {
  if (isMap(manifest) && typeof manifest.main === "string") return manifest.main;
  return ["server.js", "index.js", "app.js", "main.js"].find((file) => files.read(file) !== undefined) ?? "index.js";
}

function python(files: AppFiles, port: number): Written {
  const { names, file } = pythonPackages(files) ?? { names: [], file: "requirements.txt" };
  const isList = file === "requirements.txt";
  const lines = [
    "FROM python:3.13-slim",
    `ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=${port}`,
    "WORKDIR /app",
    ...(isList
      ? ["COPY requirements.txt ./", "RUN pip install --no-cache-dir -r requirements.txt", "COPY . ."]
      : ["COPY . .", "RUN pip install --no-cache-dir ."]),
    "RUN useradd --system --uid 1000 app && chown app /app",
    "USER app",
    `EXPOSE ${port}`,
    cmd(pythonServer(files, names, port)),
  ];
  return { lines, ignored: ["__pycache__", "*.pyc", ".venv", "venv", ".pytest_cache"] };
}

function pythonServer(files: AppFiles, packages: readonly string[], port: number): string[] {
  const web = /^web:\s*(\S.*)$/m.exec(files.read("Procfile") ?? "")?.[1];
  if (web !== undefined) return ["sh", "-c", asCommand(web) === web ? `exec ${web}` : web];
  const has = (name: string) => packages.includes(name);
  const bind = `0.0.0.0:${port}`;
  if (files.read("manage.py") !== undefined) {
    const project = files.list(".").find((folder) => files.read(`${folder}/wsgi.py`) !== undefined);
    if (has("gunicorn") && project !== undefined) return ["gunicorn", "--bind", bind, `${project}.wsgi`];
    return ["python", "manage.py", "runserver", bind];
  }
  const source = ["main.py", "app.py", "server.py", "wsgi.py", "app/main.py", "src/main.py"].find(
    (path) => files.read(path) !== undefined,
  );
  const text = source === undefined ? "" : (files.read(source) ?? "");
  const [, name, kind] = /^(\w+)\s*(?::\s*\w+\s*)?=\s*(FastAPI|Starlette|Flask|Quart)\(/m.exec(text) ?? [];
  const module = (source ?? "main.py").replace(/\.py$/, "").replaceAll("/", ".");
  if (name !== undefined && kind !== "Flask" && has("uvicorn"))
    return ["uvicorn", `${module}:${name}`, "--host", "0.0.0.0", "--port", String(port)];
  if (name !== undefined && kind !== "Flask" && has("fastapi"))
    return ["fastapi", "run", source ?? "main.py", "--port", String(port)];
  if (name !== undefined && has("gunicorn")) return ["gunicorn", "--bind", bind, `${module}:${name}`];
  if (name !== undefined && kind === "Flask")
    return ["flask", "--app", module, "run", "--host", "0.0.0.0", "--port", String(port)];
  return ["python", source ?? "main.py"];
}

function ruby(files: AppFiles, port: number): Written {
  const isRails = files.read("config/application.rb") !== undefined;
  const hasLock = files.read("Gemfile.lock") !== undefined;
  const lines = [
    "FROM ruby:3.4-slim AS build",
    "WORKDIR /app",
    "RUN apt-get update && apt-get install --yes --no-install-recommends build-essential git libpq-dev libyaml-dev pkg-config",
    "ENV BUNDLE_WITHOUT=development:test BUNDLE_PATH=/bundle",
    `COPY Gemfile${hasLock ? " Gemfile.lock" : ""} ./`,
    "RUN bundle install",
    "COPY . .",
    ...(isRails && files.list("app/assets").length > 0
      ? ["RUN SECRET_KEY_BASE_DUMMY=1 RAILS_ENV=production bin/rails assets:precompile"]
      : []),
    "",
    "FROM ruby:3.4-slim",
    "WORKDIR /app",
    "RUN apt-get update && apt-get install --yes --no-install-recommends libpq5 libyaml-0-2 && rm -rf /var/lib/apt/lists/* \\",
    " && useradd --system --uid 1000 --create-home app",
    `ENV RACK_ENV=production RAILS_ENV=production RAILS_LOG_TO_STDOUT=1 BUNDLE_WITHOUT=development:test BUNDLE_PATH=/bundle PORT=${port}`,
    "COPY --from=build /bundle /bundle",
    "COPY --from=build --chown=app /app .",
    "USER app",
    `EXPOSE ${port}`,
    cmd(
      isRails
        ? ["bin/rails", "server", "-b", "0.0.0.0", "-p", String(port)]
        : ["bundle", "exec", "rackup", "--host", "0.0.0.0", "--port", String(port)],
    ),
  ];
  return { lines, ignored: ["node_modules", "coverage", "storage"] };
}

function go(files: AppFiles, port: number): Written {
  const version = /^go\s+(\d+\.\d+)/m.exec(files.read("go.mod") ?? "")?.[1] ?? "1.25";
  const [command] = files.list("cmd").filter((folder) => files.read(`cmd/${folder}/main.go`) !== undefined);
  const main = files.read("main.go") === undefined && command !== undefined ? `./cmd/${command}` : ".";
  const lines = [
    `FROM golang:${version} AS build`,
    "WORKDIR /src",
    `COPY go.mod ${files.read("go.sum") === undefined ? "" : "go.sum "}./`,
    "RUN go mod download",
    "COPY . .",
    `RUN CGO_ENABLED=0 go build -o /server ${main}`,
    "",
    "FROM gcr.io/distroless/static-debian12:nonroot",
    `ENV PORT=${port}`,
    "COPY --from=build /server /server",
    `EXPOSE ${port}`,
    cmd(["/server"]),
  ];
  return { lines, ignored: [] };
}

function site(): Written {
  return { lines: ["FROM nginx:1.29-alpine", "COPY . /usr/share/nginx/html", "EXPOSE 80"], ignored: [] };
}
