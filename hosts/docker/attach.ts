import type { Agent, IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type Dockerode from "dockerode";
import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { parseJson } from "../../core/json.ts";
import type { Seconds } from "../../core/words.ts";
import { ExecState } from "./answers.ts";
import type { CreateBody } from "./create-body.ts";
import { http } from "./http.ts";
import type { DockerEngine } from "./transport.ts";

/** Of a terminal, in characters. */
export interface Size {
  readonly rows: number;
  readonly columns: number;
}

export interface AttachOptions {
  /** A terminal: output comes as it is, stdout and stderr in one. Without one it is multiplexed. */
  readonly tty: boolean;
  /** Whether what is written to the stream reaches the command; the end of the stream is the end of its input. */
  readonly input: boolean;
}

/** A command in a container whose input and output are ours. */
export interface Attached {
  readonly stream: Duplex;
  resize(size: Size): Promise<void>;
  /** To be asked when the stream has ended. */
  exitCode(): Promise<number>;
}

/** Docker knows how a command ended a moment after its output did. */
const ENDING: Seconds = 10;

/** Starts a command inside a container that runs. Docker has no call that ends it again. */
export async function startExec(
  engine: DockerEngine,
  container: string,
  argv: readonly string[],
  { tty, input }: AttachOptions,
): Promise<Attached> {
  return engine.change(
    `exec ${argv[0] ?? ""}`,
    async (docker) => {
      const what = { Cmd: [...argv], Tty: tty, AttachStdin: input, AttachStdout: true, AttachStderr: true };
      const exec = await docker.getContainer(container).exec(what);
      const stream = await upgraded(docker, `/exec/${exec.id}/start`, { Detach: false, Tty: tty });
      return {
        stream,
        resize: ({ rows, columns }) => engine.ask("resize", () => exec.resize({ h: rows, w: columns })),
        exitCode: () => engine.ask("inspect exec", () => exitCodeOf(exec)),
      };
    },
    "follow",
  );
}

/** Attaches to a container that was made and not started yet, and hears of its end: it must be one that Docker removes by itself. */
export async function attachTo(engine: DockerEngine, id: string, { tty, input }: AttachOptions): Promise<Attached> {
  const query = new URLSearchParams({ stream: "1", stdout: "1", stderr: "1", stdin: input ? "1" : "0" });
  const path = `/containers/${id}`;
  const ended = await engine.ask("wait for the end", (docker) => untilRemoved(docker, id), "follow");
  const code = exitCodeIn(ended);
  code.catch(() => {});
  try {
    return {
      stream: await engine.ask("attach", (docker) => upgraded(docker, `${path}/attach?${query}`), "follow"),
      resize: ({ rows, columns }) =>
        engine.ask("resize", (docker) => docker.getContainer(id).resize(tty ? { h: rows, w: columns } : {})),
      exitCode: () => code,
    };
  } catch (error) {
    ended.destroy();
    throw error;
  }
}

/** What decides a container besides its command, as inspect tells it. Values of its environment are among it. */
const Sibling = z.object({
  Image: z.string(),
  Config: z.looseObject({ Env: z.array(z.string()).nullish(), User: z.string().nullish(), WorkingDir: z.string().nullish() }),
  HostConfig: z.looseObject({}),
});

/** Limits, rights and mounts. Not what only one container can have: ports, restarts, a name, its log. */
const SHARED = [
  ...["NetworkMode", "Binds", "Mounts", "Tmpfs", "ReadonlyRootfs", "CapAdd", "CapDrop", "SecurityOpt", "ExtraHosts"],
  ...["Dns", "DnsSearch", "DnsOptions", "Ulimits", "ShmSize", "Memory", "MemorySwap", "NanoCpus", "Devices", "DeviceRequests"],
] as const;

/** What makes another container of the same image, environment, mounts and network; `undefined` when that one is gone. */
export async function siblingOf(engine: DockerEngine, id: string): Promise<CreateBody | undefined> {
  const found = await engine.look("inspect container", (docker) =>
    docker
      .getContainer(id)
      .inspect()
      .catch((error: unknown) => {
        if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return undefined;
        throw error;
      }),
  );
  if (found === undefined) return undefined;
  const { Image, Config, HostConfig } = Sibling.parse(found);
  return {
    Image,
    Env: Config.Env ?? [],
    ...(Config.User ? { User: Config.User } : {}),
    ...(Config.WorkingDir ? { WorkingDir: Config.WorkingDir } : {}),
    HostConfig: Object.fromEntries(SHARED.flatMap((key) => (HostConfig[key] == null ? [] : [[key, HostConfig[key]]]))),
  };
}

/** A request after which the connection is the command's own: both directions, each with an end of its own. */
function upgraded(docker: Dockerode, path: string, body?: object): Promise<Duplex> {
  const data = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    ...{ Connection: "Upgrade", Upgrade: "tcp", "Content-Length": Buffer.byteLength(data) },
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  return new Promise((resolve, reject) => {
    // Its types leave out what it was made with.
    const { agent } = docker.modem as { agent?: Agent };
    const request = http.request({ ...(agent === undefined ? {} : { agent }), host: "docker", path, method: "POST", headers });
    request.on("upgrade", (_answer, socket: Duplex, head) => {
      // Who reads hears of the end; nobody may be reading any more when the connection is closed.
      socket.on("error", () => {});
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on("response", (answer) => refusal(answer).then(reject, reject));
    request.on("error", reject);
    request.end(data);
  });
}

/** In the form of docker-modem, so that it is told like every other refusal. */
async function refusal(answer: IncomingMessage): Promise<Error> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text += chunk;
  const { data } = z.object({ message: z.string() }).safeParse(parseJson(text));
  return Object.assign(new Error(data?.message ?? `Docker did not give the connection away: ${answer.statusCode}`), {
    statusCode: answer.statusCode ?? 0,
    json: data,
  });
}

/** The answer begins when Docker waits, and has its body when the container is gone. */
function untilRemoved(docker: Dockerode, id: string): Promise<Readable> {
  const options = { _query: { condition: "removed" }, _body: {} };
  const request = { path: `/containers/${id}/wait?`, method: "POST", options, isStream: true, statusCodes: { 200: true } };
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Readable)));
  });
}

const Ended = z.object({ StatusCode: z.number() });

async function exitCodeIn(stream: Readable): Promise<number> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  return Ended.parse(JSON.parse(text)).StatusCode;
}

const exitCodeOf = (exec: Dockerode.Exec): Promise<number> =>
  Deadline.in(ENDING).until(
    async () => {
      const { Running, ExitCode } = ExecState.parse(await exec.inspect());
      return Running ? undefined : (ExitCode ?? undefined);
    },
    () => new Error("the command goes on, but its output ended"),
  );
