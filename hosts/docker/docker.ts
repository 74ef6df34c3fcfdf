import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import type { z } from "zod";
import type { RestartPolicy } from "../../core/container/options.ts";
import { Deadline } from "../../core/deadline.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import type { Ran } from "../ssh/run.ts";
import type { Trace } from "../ssh/trace.ts";
import {
  Container,
  ContainerSummary,
  Created,
  Distribution,
  ExecState,
  Image,
  ImageSummary,
  Info,
  Network,
  Version,
  Volume,
  Volumes,
  VolumeUsage,
} from "./answers.ts";
import {
  type ArchiveEntry,
  archiveOf,
  type ContainerFolder,
  contentOf,
  type Owner,
  readArchive,
  readFileFrom,
  readOwner,
} from "./archive.ts";
import { type Attached, type AttachOptions, attachTo, siblingOf, startExec } from "./attach.ts";
import type { CreateBody } from "./create-body.ts";
import { Exits } from "./exits.ts";
import { type LogLine, type LogOptions, logLines } from "./follow.ts";
import { followPull, readLines, readOutput } from "./streams.ts";
import { DockerEngine } from "./transport.ts";
import { DockerRefusal } from "./trouble.ts";

/** Credentials for a registry. They travel in a header of the one request that needs them. */
export interface RegistryAuth {
  /** `registry.example.com`; empty or `docker.io` is Docker Hub. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

/** What Docker can set on a container that runs. Memory in bytes, CPUs in billionths. */
export interface Limits {
  readonly restart: RestartPolicy;
  readonly memory: Bytes;
  /** Memory and swap together; twice the memory unless told otherwise, as Docker does it. */
  readonly memorySwap?: Bytes;
  readonly nanoCpus: number;
}

/** Labels to look for; `undefined` is any value. */
export type LabelFilter = Readonly<Record<string, string | undefined>>;

export interface PullProgress {
  readonly current: Bytes;
  readonly total: Bytes;
}

export interface PullOptions {
  readonly deadline: Deadline;
  /** Of the layers that are known so far. */
  readonly progress?: (progress: PullProgress) => void;
}

/** For a command inside a container that names no deadline. */
const USUAL: Seconds = 60;
/** More memory than any host has: 1 PiB. */
const NO_LIMIT: Bytes = 2 ** 50;
const BILLION = 1e9;

/** The Docker Engine of one host, through its SSH connection. Answers hold just what is used here. */
export class Docker {
  readonly #engine: DockerEngine;
  readonly #exits: Exits;

  constructor(connection: Connection, trace: Trace) {
    this.#engine = new DockerEngine(connection, trace);
    this.#exits = new Exits(this.#engine, (id) => this.inspect(id));
  }

  async version(): Promise<z.infer<typeof Version>> {
    return Version.parse(await this.#engine.look("version", (docker) => docker.version()));
  }

  async info(): Promise<z.infer<typeof Info>> {
    return Info.parse(await this.#engine.look("info", (docker) => docker.info()));
  }

  /** Containers in any state that carry these labels; `{}` is all. */
  async containers(labels: LabelFilter): Promise<ContainerSummary[]> {
    const filters = { label: labelFilter(labels) };
    return ContainerSummary.array().parse(
      await this.#engine.look("list containers", (docker) => docker.listContainers({ all: true, filters })),
    );
  }

  async inspect(idOrName: string): Promise<Container | undefined> {
    const found = await this.#lookUp("inspect container", (docker) => docker.getContainer(idOrName).inspect());
    return found === undefined ? undefined : Container.parse(found);
  }

  /** Every container that runs, in detail; one that ends meanwhile is none of them. */
  async running(): Promise<Container[]> {
    const running = (await this.containers({})).filter(({ state }) => state === "running");
    const inspected = await Promise.all(running.map(({ id }) => this.inspect(id)));
    return inspected.filter((container) => container !== undefined);
  }

  async create(name: string, body: CreateBody): Promise<z.infer<typeof Created>> {
    const query = { name };
    // dockerode's own `createContainer` drops the warnings.
    const options = {
      path: "/containers/create?",
      method: "POST",
      options: { _query: query, _body: body },
      statusCodes: { 200: true, 201: true },
    };
    return Created.parse(await this.#engine.change("create container", (docker) => dial(docker, options)));
  }

  async start(id: string): Promise<void> {
    await this.#fine("start container", [304], (docker) => docker.getContainer(id).start());
  }

  /** Docker's stop: the stop signal, then SIGKILL after `grace`. Stopped or gone already is fine. */
  async stop(id: string, grace: Seconds): Promise<void> {
    await this.#fine("stop container", [304, 404], (docker) => docker.getContainer(id).stop({ t: Math.round(grace) }), "stream");
    // Docker answers before its list of containers knows: on a busy host a list right after still said `running`.
    // An inspect waits for the lock under which the list is brought up to date.
    await this.inspect(id);
  }

  /** Gone already is fine. `force`: also when it runs. */
  async remove(id: string, { force, anonymousVolumes }: { force: boolean; anonymousVolumes: boolean }): Promise<void> {
    await this.#fine("remove container", [404], (docker) => docker.getContainer(id).remove({ force, v: anonymousVolumes }));
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#engine.change("rename container", (docker) => docker.getContainer(id).rename({ name }));
  }

  /** Sets what Docker can set on a container that runs; 0 leaves a limit as it is. */
  async update(id: string, { restart, memory, memorySwap = memory * 2, nanoCpus }: Limits): Promise<void> {
    const body = {
      RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetryCount ?? 0 },
      Memory: memory,
      // Without a limit of its own, swap keeps the old sum and Docker refuses a larger memory.
      ...(memory === 0 ? {} : { MemorySwap: memorySwap }),
      NanoCpus: nanoCpus,
    };
    await this.#engine.change("update container", (docker) => docker.getContainer(id).update(body));
  }

  /** As `update`, but 0 is no limit. Docker cannot take one away, so it is raised to more than the host has. */
  async restore(id: string, wanted: Limits): Promise<void> {
    const { cpus } = await this.info();
    await this.update(id, { ...wanted, memory: wanted.memory || NO_LIMIT, nanoCpus: wanted.nanoCpus || cpus * BILLION });
  }

  /** Settles when the container does not run any more; one that is gone counts as 0. A lost connection rejects. */
  exited(id: string, signal: AbortSignal): Promise<{ code: number }> {
    return this.#exits.of(id, signal);
  }

  /** The last lines of stdout and stderr, in order, without control characters. None of a container that is gone. */
  async logs(id: string, lines: number): Promise<string[]> {
    const read = await this.#lookUp(
      "logs",
      async (docker) => {
        // dockerode's own `logs` would parse output that happens to be JSON.
        const path = `/containers/${encodeURIComponent(id)}/logs?`;
        const options = { stdout: true, stderr: true, tail: lines };
        return readLines(await dialStream(docker, { path, method: "GET", options, isStream: true, statusCodes: { 200: true } }));
      },
      "stream",
    );
    return read?.slice(-lines) ?? [];
  }

  /** The lines of a container with their times, as they come. */
  lines(id: string, options: LogOptions): AsyncGenerator<LogLine> {
    return logLines(this.#engine, id, options);
  }

  async image(ref: string): Promise<Image | undefined> {
    const found = await this.#lookUp("inspect image", (docker) => docker.getImage(ref).inspect());
    return found === undefined ? undefined : Image.parse(found);
  }

  async images(labels: LabelFilter): Promise<ImageSummary[]> {
    const filters = JSON.stringify({ label: labelFilter(labels) });
    return ImageSummary.array().parse(await this.#engine.look("list images", (docker) => docker.listImages({ filters })));
  }

  /** What the registry has, as this host sees it. Without the right to look: a `DockerRefusal` with its `statusCode`. */
  async distribution(ref: string, auth?: RegistryAuth): Promise<Distribution | undefined> {
    const path = `/distribution/${ref}/json`;
    const options = { path, method: "GET", statusCodes: { 200: true }, authconfig: auth && credentials(auth) };
    try {
      return Distribution.parse(await this.#engine.ask("distribution", (docker) => dial(docker, options), "stream"));
    } catch (error) {
      if (error instanceof DockerRefusal && isNotInRegistry(error)) return undefined;
      throw error;
    }
  }

  /** Pulls one image, by digest or by tag. Progress is of the bytes to download that are known so far. */
  async pull(ref: string, auth: RegistryAuth | undefined, { deadline, progress = () => {} }: PullOptions): Promise<void> {
    const unwanted = new AbortController();
    const options = {
      path: "/images/create?",
      method: "POST",
      options: { _query: { fromImage: pinned(ref) }, _body: {} },
      isStream: true,
      statusCodes: { 200: true },
      abortSignal: unwanted.signal,
      authconfig: auth && credentials(auth),
    };
    const given = deadline.remaining;
    const pulled = this.#engine.change(
      "pull",
      async (docker) => followPull(await dialStream(docker, options), progress),
      "stream",
    );
    await deadline.race(pulled, () => {
      const late = new Error(`${ref} was not pulled within ${Math.round(given / 1000)} s`);
      pulled.catch(() => {});
      unwanted.abort(late);
      return late;
    });
  }

  async removeImage(id: string): Promise<"removed" | "in use" | "gone"> {
    return this.#removal("remove image", (docker) => docker.getImage(id).remove());
  }

  /** Proves credentials. A refusal is a `DockerRefusal` with the registry's words. */
  async login(auth: RegistryAuth): Promise<void> {
    await this.#engine.ask("login", (docker) => docker.checkAuth(credentials(auth)), "stream");
  }

  /** By its exact name. */
  async networks(name: string): Promise<Network | undefined> {
    const found = await this.#lookUp("inspect network", (docker) => docker.getNetwork(name).inspect());
    // Docker also finds by the beginning of an id.
    const network = found === undefined ? undefined : Network.parse(found);
    return network?.name === name ? network : undefined;
  }

  /** There already is fine. */
  async createNetwork(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const body = { Name: name, Labels: { ...labels }, Driver: "bridge", CheckDuplicate: true };
    await this.#fine("create network", [409], (docker) => docker.createNetwork(body));
  }

  async removeNetwork(name: string): Promise<"removed" | "in use" | "gone"> {
    return this.#removal("remove network", (docker) => docker.getNetwork(name).remove());
  }

  async volume(name: string): Promise<Volume | undefined> {
    const found = await this.#lookUp("inspect volume", (docker) => docker.getVolume(name).inspect());
    return found === undefined ? undefined : Volume.parse(found);
  }

  /** Volumes that carry these labels; `{}` is all. */
  async volumes(labels: LabelFilter): Promise<Volume[]> {
    const filters = JSON.stringify({ label: labelFilter(labels) });
    const found = await this.#engine.look("list volumes", (docker) => docker.listVolumes({ filters }));
    return Volumes.parse(found);
  }

  /** Bytes in each volume. Docker counts them anew, file by file. */
  async volumeBytes(): Promise<ReadonlyMap<string, Bytes>> {
    const options = { path: "/system/df?", method: "GET", options: { type: "volume" }, statusCodes: { 200: true } };
    return VolumeUsage.parse(await this.#engine.look("count volumes", (docker) => dial(docker, options), "stream"));
  }

  /** There already is fine, whatever its labels. */
  async ensureVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.#engine.change("create volume", (docker) => docker.createVolume({ Name: name, Labels: { ...labels } }));
  }

  async removeVolume(name: string): Promise<"removed" | "in use" | "gone"> {
    return this.#removal("remove volume", (docker) => docker.getVolume(name).remove());
  }

  /** Runs a command inside a container. What it did after the deadline is unknown: Docker cannot stop it. */
  async exec(container: string, argv: readonly string[], options: { deadline?: Deadline; user?: string } = {}): Promise<Ran> {
    const { deadline = Deadline.in(USUAL), user } = options;
    const given = deadline.remaining;
    let output: Readable | undefined;
    const ran = this.#engine.ask(
      `exec ${argv[0] ?? ""}`,
      async (docker) => {
        const exec = await docker
          .getContainer(container)
          .exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true, ...(user === undefined ? {} : { User: user }) });
        // Without an upgrade of the connection: a plain body to its end, which every proxy and engine version handles alike.
        output = await exec.start({ Detach: false, Tty: false, hijack: false });
        const { stdout, stderr } = await readOutput(output);
        return { code: await exitCodeOf(exec, deadline), stdout, stderr };
      },
      "stream",
    );
    return deadline.race(ran, () => {
      ran.catch(() => {});
      output?.destroy();
      return new Error(`${argv[0]} in ${container} did not finish within ${Math.round(given / 100) / 10} s`);
    });
  }

  /** As `exec`, with its input and output in our hands, for as long as they are. */
  spawn(container: string, argv: readonly string[], options: AttachOptions): Promise<Attached> {
    return startExec(this.#engine, container, argv, options);
  }

  /** The input and output of a container that was made with `AutoRemove` and is not started yet. */
  attach(id: string, options: AttachOptions): Promise<Attached> {
    return attachTo(this.#engine, id, options);
  }

  /** What makes another container like this one, without command, labels, ports and restarts. Its environment holds secrets. */
  sibling(id: string): Promise<CreateBody | undefined> {
    return siblingOf(this.#engine, id);
  }

  /** One file out of a container, running or not. `undefined`: no such file or container. */
  async readFile(container: string, path: string): Promise<Buffer | undefined> {
    return this.#lookUp("read file", async (docker) => readFileFrom(await archive(docker, container, path)));
  }

  /** A folder with all that is in it; paths begin with the folder's own name. `undefined`: no such folder or container. */
  async readFolder(container: string, path: string): Promise<ArchiveEntry[] | undefined> {
    return this.#lookUp("read folder", async (docker) => readArchive(await archive(docker, container, path)));
  }

  /** Whom a file or folder in a container belongs to. */
  async ownerOf(container: string, path: string): Promise<Owner | undefined> {
    return this.#lookUp("read owner", async (docker) => readOwner(await archive(docker, container, path)));
  }

  /**
   * Puts files into a folder of a container, running or not; the folder must exist, also as the place of a volume. What is there
   * under the same path is replaced; a file in place of a folder takes all that is in it away. A cut connection can leave a part.
   */
  async writeFiles(container: string, folder: string, entries: readonly ArchiveEntry[]): Promise<void> {
    const tar = await archiveOf(entries);
    await this.#engine.change(
      "write files",
      (docker) => docker.getContainer(container).putArchive(tar, { path: folder }),
      "stream",
    );
  }

  /** Adds the files of one container's folder that an existing folder of another lacks, out of Docker and back into it. Links are left out. */
  async addMissing(from: ContainerFolder, to: ContainerFolder, deadline: Deadline): Promise<void> {
    const failure = (why: string) =>
      new Error(`${from.container}:${from.path} was not copied to ${to.container}:${to.path}: ${why}`);
    const late = () => failure("not done in time");
    const found = Promise.all([this.readFolder(from.container, contentOf(from)), this.readFolder(to.container, contentOf(to))]);
    const [all, there] = await deadline.race(found, late);
    if (all === undefined || there === undefined) throw failure("no such folder");
    const known = new Set(there.map(({ path }) => path));
    const missing = all.filter(({ path }) => path !== "." && path !== "" && !known.has(path));
    if (missing.length > 0) await deadline.race(this.writeFiles(to.container, to.path, missing), late);
  }

  /** Closes idle channels. */
  close(): void {
    this.#engine.close();
  }

  async #lookUp<T>(what: string, work: (docker: Dockerode) => Promise<T>, pace?: "stream"): Promise<T | undefined> {
    try {
      return await this.#engine.look(what, work, pace);
    } catch (error) {
      if (error instanceof DockerRefusal && error.statusCode === 404) return undefined;
      throw error;
    }
  }

  async #fine(
    what: string,
    statusCodes: readonly number[],
    work: (docker: Dockerode) => Promise<unknown>,
    pace?: "stream",
  ): Promise<void> {
    try {
      await this.#engine.change(what, work, pace);
    } catch (error) {
      if (!(error instanceof DockerRefusal) || !statusCodes.includes(error.statusCode)) throw error;
    }
  }

  async #removal(what: string, work: (docker: Dockerode) => Promise<unknown>): Promise<"removed" | "in use" | "gone"> {
    try {
      await this.#engine.change(what, work);
      return "removed";
    } catch (error) {
      const outcome = error instanceof DockerRefusal ? REMOVALS[error.statusCode] : undefined;
      if (outcome === undefined) throw error;
      return outcome;
    }
  }
}

/** Docker says 409 for a used image or volume, 403 for a used network. */
const REMOVALS: Readonly<Record<number, "in use" | "gone">> = { 403: "in use", 404: "gone", 409: "in use" };

const labelFilter = (labels: LabelFilter): string[] =>
  Object.entries(labels).map(([label, value]) => (value === undefined ? label : `${label}=${value}`));

const archive = async (docker: Dockerode, container: string, path: string): Promise<Readable> =>
  (await docker.getContainer(container).getArchive({ path })) as Readable;

const DOCKER_HUB = "https://index.docker.io/v1/";

const credentials = ({ server, username, password }: RegistryAuth) => ({
  username,
  password,
  serveraddress: /^(?:|(?:https?:\/\/)?(?:index\.)?docker\.io(?:\/v1)?\/?)$/.test(server) ? DOCKER_HUB : server,
});

/** A digest says all; a tag beside it is left out, and a bare name means `latest`, not every tag there is. */
function pinned(ref: string): string {
  const [named = ref, digest] = ref.split("@");
  const tagged = /^(.+):([\w][\w.-]{0,127})$/.exec(named);
  if (digest !== undefined) return `${tagged?.[1] ?? named}@${digest}`;
  return tagged === null ? `${named}:latest` : named;
}

/** Engines differ in status and words for an image that the registry does not have. */
const isNotInRegistry = ({ statusCode, message }: DockerRefusal): boolean =>
  statusCode === 404 || /manifest unknown|not found|name unknown|no such image/i.test(message);

async function exitCodeOf(exec: Dockerode.Exec, deadline: Deadline): Promise<number> {
  return deadline.until(
    async () => {
      const { Running, ExitCode } = ExecState.parse(await exec.inspect());
      return Running ? undefined : (ExitCode ?? undefined);
    },
    () => new Error("Docker does not say how the command ended"),
  );
}

/** What docker-modem takes for one request; dockerode's types leave it open. */
interface Dial {
  readonly path: string;
  readonly method: string;
  readonly options?: object;
  readonly statusCodes: Readonly<Record<number, boolean>>;
  readonly isStream?: boolean;
  readonly abortSignal?: AbortSignal;
  readonly authconfig?: ReturnType<typeof credentials> | undefined;
}

const dial = (docker: Dockerode, options: Dial): Promise<unknown> =>
  new Promise((resolve, reject) => {
    docker.modem.dial(options, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer)));
  });

const dialStream = async (docker: Dockerode, options: Dial): Promise<Readable> => (await dial(docker, options)) as Readable;
