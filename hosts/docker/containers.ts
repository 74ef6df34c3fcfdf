import type Dockerode from "dockerode";
import type { z } from "zod";
import type { RestartPolicy } from "../../core/container/options.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";
import { Container, ContainerSummary, Created, Usage } from "./answers.ts";
import type { CreateBody } from "./create-body.ts";
import { type LabelFilter, labelFilter } from "./labels.ts";
import { connectNetwork, type Endpoint } from "./networks.ts";
import { changeUnless, dial, dialStream, lookUp } from "./request.ts";
import { readLines, renewing } from "./streams.ts";
import type { DockerTransport, Pace } from "./transport.ts";

/** What Docker can change on a running container. */
export interface Limits {
  readonly restart: RestartPolicy;
  readonly memory: Bytes;
  /** Memory and swap together. Default: twice the memory, as in Docker. */
  readonly memorySwap?: Bytes;
  /** Billionths of a CPU. */
  readonly nanoCpus: number;
}

export async function listContainers(transport: DockerTransport, labels: LabelFilter): Promise<ContainerSummary[]> {
  const filters = { label: labelFilter(labels) };
  const found = await transport.read("list containers", (docker) => docker.listContainers({ all: true, filters }));
  return ContainerSummary.array().parse(found);
}

export async function inspectContainer(transport: DockerTransport, idOrName: string): Promise<Container | undefined> {
  const found = await lookUp(transport, "inspect container", (docker) => docker.getContainer(idOrName).inspect());
  return found === undefined ? undefined : Container.parse(found);
}

/** Bytes of memory that it uses now; `undefined` if it does not run, or Docker cannot say. One look: Docker measures for no second. */
export async function memoryOf(transport: DockerTransport, id: string): Promise<Bytes | undefined> {
  const look = { stream: false, "one-shot": true } as const;
  const found = await lookUp(transport, "container stats", (docker) => docker.getContainer(id).stats(look));
  return found === undefined ? undefined : Usage.parse(found).memory;
}

export async function runningContainers(transport: DockerTransport): Promise<Container[]> {
  const running = (await listContainers(transport, {})).filter(({ state }) => state === "running");
  const inspected = await Promise.all(running.map(({ id }) => inspectContainer(transport, id)));
  return inspected.filter((container) => container !== undefined);
}

export async function createContainer(
  transport: DockerTransport,
  name: string,
  body: CreateBody,
): Promise<z.infer<typeof Created>> {
  const { first, others } = endpointsOf(body);
  // dockerode's own `createContainer` drops the warnings.
  const request = {
    path: "/containers/create?",
    method: "POST",
    options: { _query: { name }, _body: first },
    statusCodes: { 200: true, 201: true },
  };
  const created = Created.parse(await transport.change("create container", (docker) => dial(docker, request)));
  try {
    for (const [network, endpoint] of others) await connectNetwork(transport, network, created.id, endpoint);
  } catch (thrown) {
    if (!(thrown instanceof ConnectionLost))
      await removeContainer(transport, created.id, { force: true, anonymousVolumes: true });
    throw thrown;
  }
  return created;
}

/** Docker before 25 creates a container in one network only: it is connected to the others afterwards, before it starts. */
function endpointsOf(body: CreateBody): {
  readonly first: CreateBody;
  readonly others: readonly (readonly [string, Endpoint])[];
} {
  const own = body.HostConfig?.NetworkMode ?? "";
  const all = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {});
  const others = all.filter(([network]) => network !== own);
  if (others.length === 0) return { first: body, others };
  const { NetworkingConfig: _, ...rest } = body;
  const first = all.filter(([network]) => network === own);
  return { first: { ...rest, NetworkingConfig: { EndpointsConfig: Object.fromEntries(first) } }, others };
}

export const startContainer = (transport: DockerTransport, id: string): Promise<void> =>
  changeUnless(transport, "start container", [304], (docker) => docker.getContainer(id).start());

/** One call: Docker completes it, also where the connection is lost meanwhile. */
export const restartContainer = (transport: DockerTransport, id: string, grace: Seconds): Promise<void> =>
  changeUnless(transport, "restart container", [], (docker) => docker.getContainer(id).restart({ t: Math.round(grace) }), {
    extra: grace,
  });

/** How a stop may be left to Docker. */
export interface Leave {
  /** Called when the request is on its way. What is sent then at the pace `stream` reaches Docker after it. */
  readonly sent: () => void;
  /** Ends the wait, not the stop. */
  readonly signal: AbortSignal;
}

export async function stopContainer(
  transport: DockerTransport,
  id: string,
  grace: Seconds,
  leave?: Leave,
): Promise<Container | undefined> {
  const stop = (docker: Dockerode) => {
    const stopped = docker.getContainer(id).stop({ t: Math.round(grace), ...(leave && { abortSignal: leave.signal }) });
    leave?.sent();
    return stopped;
  };
  try {
    await changeUnless(transport, "stop container", [304, 404], stop, { pace: "stream", extra: grace });
  } catch (thrown) {
    // What was lost with the connection is noticed by the inspect.
    if (leave?.signal.aborted !== true) throw thrown;
  }
  // Docker answers before its list of containers is updated: on a busy host a list right after the stop still said `running`.
  // An inspect waits for the lock under which the list is updated.
  return inspectContainer(transport, id);
}

export const removeContainer = (
  transport: DockerTransport,
  id: string,
  { force, anonymousVolumes }: { force: boolean; anonymousVolumes: boolean },
): Promise<void> =>
  changeUnless(transport, "remove container", [404], (docker) => docker.getContainer(id).remove({ force, v: anonymousVolumes }));

export async function renameContainer(transport: DockerTransport, id: string, name: string, pace?: Pace): Promise<void> {
  await transport.change("rename container", (docker) => docker.getContainer(id).rename({ name }), { pace });
}

export async function updateContainer(
  transport: DockerTransport,
  id: string,
  { restart, memory, memorySwap = memory * 2, nanoCpus }: Limits,
): Promise<void> {
  const body = {
    RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetryCount ?? 0 },
    Memory: memory,
    // Without a limit of its own, swap keeps the old sum and Docker refuses a larger memory.
    ...(memory === 0 ? {} : { MemorySwap: memorySwap }),
    NanoCpus: nanoCpus,
  };
  await transport.change("update container", (docker) => docker.getContainer(id).update(body));
}

/** Undefined if the container is missing. */
export async function lastLogs(transport: DockerTransport, id: string, lines: number): Promise<string[] | undefined> {
  // dockerode's own `logs` would parse output that happens to be JSON.
  const request = {
    path: `/containers/${encodeURIComponent(id)}/logs?`,
    method: "GET",
    options: { stdout: true, stderr: true, tail: lines },
    statusCodes: { 200: true },
  };
  const read = await lookUp(
    transport,
    "logs",
    async (docker, { renew }) => readLines(renewing(await dialStream(docker, request), renew)),
    { pace: "stream" },
  );
  return read?.slice(-lines);
}
