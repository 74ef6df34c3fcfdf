import type { Agent, IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type Dockerode from "dockerode";
import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { readAtMost } from "../../core/read-at-most.ts";
import { parseJson } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import { ExecState } from "./answers.ts";
import { MOST_OF_A_REFUSAL } from "./bounded-modem.ts";
import type { CreateBody } from "./create-body.ts";
import { exitCodeOf } from "./exec.ts";
import { http } from "./http.ts";
import { dialStream, lookUp } from "./request.ts";
import type { DockerTransport } from "./transport.ts";

/** Size of a terminal, in characters. */
export interface Size {
  readonly rows: number;
  readonly columns: number;
}

export interface AttachOptions {
  /** With a terminal, stdout and stderr are one raw stream; without one, the output is multiplexed. */
  readonly tty: boolean;
  /** Connect the command's input to the stream; ending the stream ends the input. */
  readonly input: boolean;
  /** Variables besides those of the container: `KEY=value`. */
  readonly env?: readonly string[];
}

/** A command in a container, with its input and output. */
export interface Attached {
  readonly stream: Duplex;
  resize(size: Size): Promise<void>;
  /** Call it when the stream has ended. */
  exitCode(): Promise<number>;
}

/** A command in a container that runs something else. */
export interface Spawned extends Attached {
  /** The command's process, as the host numbers it; `undefined` if it has ended. */
  process(): Promise<number | undefined>;
}

const EXIT_TIMEOUT: Seconds = 10;
const START_TIMEOUT: Seconds = 10;

/** Starts a command inside a running container. Docker has no call that ends it. */
export async function startExec(
  transport: DockerTransport,
  container: string,
  argv: readonly string[],
  { tty, input, env = [] }: AttachOptions,
): Promise<Spawned> {
  return transport.change(
    `exec ${argv[0] ?? ""}`,
    async (docker, { signal }) => {
      const what = { Cmd: [...argv], Tty: tty, AttachStdin: input, AttachStdout: true, AttachStderr: true, Env: [...env] };
      const exec = await docker.getContainer(container).exec(what);
      const stream = await upgraded(docker, signal, `/exec/${exec.id}/start`, { Detach: false, Tty: tty });
      return {
        stream,
        resize: ({ rows, columns }) =>
          transport.request("resize", (docker) => docker.getExec(exec.id).resize({ h: rows, w: columns })),
        process: () => transport.request("inspect exec", (docker) => processOf(docker.getExec(exec.id))),
        exitCode: () =>
          transport.request("inspect exec", (docker) =>
            exitCodeOf(docker.getExec(exec.id), Deadline.in(EXIT_TIMEOUT), "the command still runs, but its output ended"),
          ),
      };
    },
    { pace: "follow" },
  );
}

/** Docker opens the stream a moment before it starts the process. */
async function processOf(exec: Dockerode.Exec): Promise<number | undefined> {
  const look = async () => {
    const { Running, ExitCode, Pid } = ExecState.parse(await exec.inspect());
    if (ExitCode != null && !Running) return { pid: undefined };
    return Running && Pid ? { pid: Pid } : undefined;
  };
  const { pid } = await Deadline.in(START_TIMEOUT).until(look, () => new Error("Docker does not report the command's process"));
  return pid;
}

/** Attaches to a container that is created but not started, and waits for its removal: Docker must remove it by itself. */
export async function attachTo(transport: DockerTransport, id: string, { tty, input }: AttachOptions): Promise<Attached> {
  const query = new URLSearchParams({ stream: "1", stdout: "1", stderr: "1", stdin: input ? "1" : "0" });
  const path = `/containers/${id}`;
  const ended = await transport.request("wait for removal", (docker) => untilRemoved(docker, id), { pace: "follow" });
  const code = exitCodeIn(ended);
  code.catch(() => {});
  try {
    return {
      stream: await transport.request("attach", (docker, { signal }) => upgraded(docker, signal, `${path}/attach?${query}`), {
        pace: "follow",
      }),
      resize: ({ rows, columns }) =>
        transport.request("resize", (docker) => docker.getContainer(id).resize(tty ? { h: rows, w: columns } : {})),
      exitCode: () => code,
    };
  } catch (error) {
    ended.destroy();
    throw error;
  }
}

/** The settings of a container besides its command. They include the values of its environment. */
const Sibling = z.object({
  Image: z.string(),
  Config: z.looseObject({ Env: z.array(z.string()).nullish(), User: z.string().nullish(), WorkingDir: z.string().nullish() }),
  HostConfig: z.looseObject({ NetworkMode: z.string().nullish() }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/** Limits, permissions and mounts. Not what only one container can have (ports, a name), nor its restart policy and log. */
const SHARED = [
  ...["NetworkMode", "Binds", "Mounts", "Tmpfs", "ReadonlyRootfs", "CapAdd", "CapDrop", "SecurityOpt", "ExtraHosts"],
  ...["Dns", "DnsSearch", "DnsOptions", "Ulimits", "ShmSize", "Memory", "MemorySwap", "NanoCpus", "Devices", "DeviceRequests"],
] as const;

/** The body to create another container of the same image, environment, mounts and network; `undefined` if it is missing. */
export async function siblingOf(transport: DockerTransport, id: string): Promise<CreateBody | undefined> {
  const found = await lookUp(transport, "inspect container", (docker) => docker.getContainer(id).inspect());
  if (found === undefined) return undefined;
  const { Image, Config, HostConfig, NetworkSettings } = Sibling.parse(found);
  const networks = Object.keys(NetworkSettings?.Networks ?? {});
  return {
    Image,
    Env: Config.Env ?? [],
    ...(Config.User ? { User: Config.User } : {}),
    ...(Config.WorkingDir ? { WorkingDir: Config.WorkingDir } : {}),
    HostConfig: Object.fromEntries(SHARED.flatMap((key) => (HostConfig[key] == null ? [] : [[key, HostConfig[key]]]))),
    // Without its names there: what finds it must not find this one.
    ...(networks.length < 2
      ? {}
      : { NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks.map((name) => [name, {}])) } }),
  };
}

/** A request that turns its connection into a raw stream; each direction ends on its own. */
function upgraded(docker: Dockerode, signal: AbortSignal, path: string, body?: object): Promise<Duplex> {
  const data = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    Connection: "Upgrade",
    Upgrade: "tcp",
    "Content-Length": Buffer.byteLength(data),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  return new Promise((resolve, reject) => {
    // Missing in the types of docker-modem.
    const { agent } = docker.modem as { agent?: Agent };
    const request = http.request({
      ...(agent === undefined ? {} : { agent }),
      host: "docker",
      path,
      method: "POST",
      headers,
      signal,
    });
    request.on("upgrade", (_answer, socket: Duplex, head) => {
      // A reader sees the error itself; without a reader, an unhandled one would end the process.
      socket.on("error", () => {});
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on("response", (answer) => refusal(answer).then(reject, reject));
    request.on("error", reject);
    request.end(data);
  });
}

/** In the form of docker-modem, so that it becomes a `DockerRefusal` like every other. */
async function refusal(answer: IncomingMessage): Promise<Error> {
  const text = (await readAtMost(answer, MOST_OF_A_REFUSAL)).toString("utf8");
  const { data } = z.object({ message: z.string() }).safeParse(parseJson(text));
  return Object.assign(new Error(data?.message ?? `Docker did not upgrade the connection: ${answer.statusCode}`), {
    statusCode: answer.statusCode ?? 0,
    json: data,
  });
}

/** The answer begins when Docker starts to wait; its body arrives when the container is removed. */
function untilRemoved(docker: Dockerode, id: string): Promise<Readable> {
  const options = { _query: { condition: "removed" }, _body: {} };
  return dialStream(docker, { path: `/containers/${id}/wait?`, method: "POST", options, statusCodes: { 200: true } });
}

const Ended = z.object({ StatusCode: z.number() });

async function exitCodeIn(stream: Readable): Promise<number> {
  const text = (await readAtMost(stream, MOST_OF_A_REFUSAL)).toString("utf8");
  return Ended.parse(JSON.parse(text)).StatusCode;
}
