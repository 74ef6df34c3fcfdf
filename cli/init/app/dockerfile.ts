import type { Found } from "./files.ts";

/** What a Dockerfile says of the container that its last stage makes. */
export interface DockerfileFacts {
  /** The port that the app listens on, as far as the file says it. */
  readonly port: Found<number> | undefined;
  /** The path of its HEALTHCHECK by HTTP. */
  readonly health: Found<string> | undefined;
  /** Folders of VOLUME. */
  readonly volumes: readonly string[];
  /** The user that the container runs as; `undefined`: that of the base image, mostly root. */
  readonly user: string | undefined;
  /** CMD, or ENTRYPOINT, as one line. */
  readonly command: string;
  /** The image that the last stage is from. */
  readonly base: string;
}

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** A stage, with what it has from the stage that it is from. */
interface Stage {
  readonly name: string | undefined;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** Ports on which the servers in well-known images listen without a line that says so. */
const BASE_PORTS: readonly (readonly [image: RegExp, port: number])[] = [
  [/^(?:.*\/)?(?:nginx|httpd|caddy|static-web-server)(?::|@|$)/, 80],
  [/^(?:.*\/)?nginx-unprivileged(?::|@|$)/, 8080],
];

/** @example readDockerfile("FROM node:24\nEXPOSE 3000\n").port // { value: 3000, from: "EXPOSE in Dockerfile" } */
export function readDockerfile(text: string, name = "Dockerfile"): DockerfileFacts {
  const stage = lastStage(text);
  const env = variablesOf(stage.instructions);
  const all = (word: string) => stage.instructions.filter((one) => one.word === word).map(({ rest }) => substituted(rest, env));
  const last = (word: string) => all(word).at(-1);
  const command = [last("ENTRYPOINT"), last("CMD")].flatMap((one) => (one === undefined ? [] : [words(one).join(" ")])).join(" ");
  const check = urlIn(last("HEALTHCHECK") ?? "");
  const exposed = all("EXPOSE")
    .flatMap((rest) => rest.split(/\s+/))
    .filter((port) => /^\d+(?:\/tcp)?$/i.test(port))
    .map((port) => Number.parseInt(port, 10));
  const ports: readonly (readonly [number | undefined, string])[] = [
    // Of several, that of the check is the one for requests.
    [check?.port !== undefined && exposed.includes(check.port) ? check.port : undefined, "HEALTHCHECK"],
    [exposed[0], "EXPOSE"],
    [check?.port, "HEALTHCHECK"],
    [portInCommand(command), "CMD"],
    [portOf(env.get("PORT")), "ENV PORT"],
    [BASE_PORTS.find(([image]) => image.test(stage.base))?.[1], "FROM"],
  ];
  const [port, from] = ports.find(([value]) => value !== undefined) ?? [];
  return {
    port: port === undefined ? undefined : { value: port, from: `${from} in ${name}` },
    health: check === undefined ? undefined : { value: check.path, from: `HEALTHCHECK in ${name}` },
    volumes: [
      ...new Set(
        all("VOLUME")
          .flatMap(words)
          .filter((path) => path.startsWith("/")),
      ),
    ],
    user: last("USER")?.trim().split(":")[0],
    command,
    base: stage.base,
  };
}

/** A line that is continued is one, comments between its parts are none of it. A heredoc is skipped: its lines are no instructions. */
function instructionsOf(text: string): Instruction[] {
  const found: Instruction[] = [];
  let open = "";
  let until: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (until !== undefined) {
      if (line.trim() === until) until = undefined;
      continue;
    }
    if (/^\s*(?:#|$)/.test(line)) continue;
    const whole = open + line.trim();
    if (/\\\s*$/.test(whole)) {
      open = `${whole.replace(/\\\s*$/, "").trimEnd()} `;
      continue;
    }
    open = "";
    const [, word = "", rest = ""] = /^([A-Za-z]+)\s+(.*)$/s.exec(whole) ?? [];
    until = /<<-?["']?(\w+)["']?/.exec(rest)?.[1];
    found.push({ word: word.toUpperCase(), rest });
  }
  return found;
}

function lastStage(text: string): Stage {
  const stages: Stage[] = [];
  const before = new Map<string, string>();
  for (const instruction of instructionsOf(text)) {
    const current = stages.at(-1);
    if (instruction.word === "FROM") {
      const [, image = "", name] = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(substituted(instruction.rest, before)) ?? [];
      const parent = stages.find((stage) => stage.name !== undefined && stage.name.toLowerCase() === image.toLowerCase());
      stages.push({ name, base: parent?.base ?? image, instructions: parent?.instructions ?? [] });
    } else if (current === undefined) for (const [name, value] of assignments(instruction)) before.set(name, value);
    else stages[stages.length - 1] = { ...current, instructions: [...current.instructions, instruction] };
  }
  return stages.at(-1) ?? { name: undefined, base: "", instructions: [] };
}

const variablesOf = (instructions: readonly Instruction[]): Map<string, string> =>
  new Map(instructions.flatMap((one) => [...assignments(one)]));

function* assignments({ word, rest }: Instruction): Generator<readonly [string, string]> {
  if (word !== "ENV" && word !== "ARG") return;
  if (word === "ENV" && !/^\w+=/.test(rest)) {
    const [, name = "", value = ""] = /^(\w+)\s+(.*)$/.exec(rest) ?? [];
    yield [name, value];
    return;
  }
  for (const [, name = "", value = ""] of rest.matchAll(/(\w+)=("(?:\\.|[^"\\])*"|'[^']*'|\S*)/g))
    yield [name, value.replace(/^(["'])(.*)\1$/, "$2")];
}

/** `$PORT`, `${PORT}`, `${PORT:-3000}` */
const substituted = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(
    /\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g,
    (whole, braced: string | undefined, fallback: string | undefined, plain: string | undefined) =>
      values.get(braced ?? plain ?? "") ?? fallback ?? whole,
  );

/** The words of an instruction, which may be a JSON list. */
function words(rest: string): string[] {
  const list = /^\s*\[(.*)\]\s*$/s.exec(rest)?.[1];
  if (list === undefined) return rest.trim().split(/\s+/);
  return [...list.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, word = ""]) => word);
}

/** The first URL of this machine in a command. */
export function urlIn(command: string): { readonly path: string; readonly port: number | undefined } | undefined {
  const [whole, port, path] =
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d+))?(\/[^\s"'`,)\]|;&]*)?/.exec(command) ?? [];
  return whole === undefined ? undefined : { path: path ?? "/", port: portOf(port) };
}

/** `--port 8000`, `--bind=0.0.0.0:8000`, `-p 3000`, `runserver 0.0.0.0:8000`; -p only of a few, it may mean anything else. */
export function portInCommand(command: string): number | undefined {
  const [, port] =
    /(?:--(?:http-)?port[= ]|--(?:bind|listen|addr)[= ]\S*?:|(?:^|\s)-b\s*\S*?:|runserver\s+\S*?:|(?:next|rails|puma|vite|serve)\b[^;&|]*\s-p[= ]?)(\d{2,5})\b/.exec(
      command,
    ) ?? [];
  return portOf(port);
}

export function portOf(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
