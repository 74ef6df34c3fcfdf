import type { z } from "zod";
import type { Deadline } from "../../core/deadline.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import type { CommandResult } from "../ssh/run.ts";
import type {
  Container,
  ContainerSummary,
  Created,
  Distribution,
  Image,
  ImageSummary,
  Network,
  Spare,
  Volume,
} from "./answers.ts";
import type { ArchiveEntry, ContainerFolder, Owner } from "./archive.ts";
import { type Attached, type AttachOptions, attachTo, type Spawned, siblingOf, startExec } from "./attach.ts";
import * as containers from "./containers.ts";
import type { CreateBody } from "./create-body.ts";
import { type ExecOptions, exec } from "./exec.ts";
import { Exits } from "./exits.ts";
import * as files from "./files.ts";
import { type LogLine, type LogOptions, logLines } from "./follow.ts";
import * as images from "./images.ts";
import { Info, Version } from "./info.ts";
import type { LabelFilter } from "./labels.ts";
import * as networks from "./networks.ts";
import type { Removal } from "./request.ts";
import type { DockerTransport } from "./transport.ts";
import * as volumes from "./volumes.ts";

/** More memory than any host has: 1 PiB. */
const NO_LIMIT: Bytes = 2 ** 50;
const BILLION = 1e9;

/**
 * The Docker Engine of one host, over its SSH connection. Answers hold only the fields that Slipway uses.
 * Each noun (containers, images, networks, volumes, files, exec) has a file of its own beside this one.
 */
export class Docker {
  readonly #transport: DockerTransport;
  readonly #exits: Exits;

  constructor(transport: DockerTransport) {
    this.#transport = transport;
    this.#exits = new Exits(this.#transport, (id) => this.inspect(id));
  }

  async version(): Promise<z.infer<typeof Version>> {
    return Version.parse(await this.#transport.read("version", (docker) => docker.version()));
  }

  async info(): Promise<z.infer<typeof Info>> {
    return Info.parse(await this.#transport.read("info", (docker) => docker.info()));
  }

  /** Containers in any state that have these labels. */
  containers(labels: LabelFilter): Promise<ContainerSummary[]> {
    return containers.listContainers(this.#transport, labels);
  }

  inspect(idOrName: string): Promise<Container | undefined> {
    return containers.inspectContainer(this.#transport, idOrName);
  }

  /** Bytes of memory that a container uses now; `undefined` if it does not run, or Docker cannot say. */
  memoryOf(id: string): Promise<Bytes | undefined> {
    return containers.memoryOf(this.#transport, id);
  }

  /** Every running container, in detail. A container that is removed during the call is left out. */
  running(): Promise<Container[]> {
    return containers.runningContainers(this.#transport);
  }

  create(name: string, body: CreateBody): Promise<z.infer<typeof Created>> {
    return containers.createContainer(this.#transport, name, body);
  }

  /** No-op if it runs. */
  start(id: string): Promise<void> {
    return containers.startContainer(this.#transport, id);
  }

  /**
   * Sends the stop signal, then SIGKILL after `grace`. No-op if it is stopped or missing. Gives the container as it ended, or as it runs
   * when it was left: Docker goes on with the stop by itself, if `leavesStops` says so of its version.
   */
  stop(id: string, grace: Seconds, leave?: containers.Leave): Promise<Container | undefined> {
    return containers.stopContainer(this.#transport, id, grace, leave);
  }

  /** Stops it as `stop` does, if it runs, and starts it. */
  restart(id: string, grace: Seconds): Promise<void> {
    return containers.restartContainer(this.#transport, id, grace);
  }

  /** No-op if it is missing. `force` also removes a running container. */
  remove(id: string, options: { force: boolean; anonymousVolumes: boolean }): Promise<void> {
    return containers.removeContainer(this.#transport, id, options);
  }

  /** @param order `after a stop`: it reaches Docker after a stop whose request was sent before. */
  rename(id: string, name: string, order?: "after a stop"): Promise<void> {
    return containers.renameContainer(this.#transport, id, name, order && "stream");
  }

  /** Changes a running container; 0 leaves a limit as it is. */
  update(id: string, limits: containers.Limits): Promise<void> {
    return containers.updateContainer(this.#transport, id, limits);
  }

  /** Like `update`, but 0 means no limit. Docker cannot remove a limit, so it is raised above what the host has. */
  async setLimits(id: string, wanted: containers.Limits): Promise<void> {
    const { cpus } = await this.info();
    await this.update(id, { ...wanted, memory: wanted.memory || NO_LIMIT, nanoCpus: wanted.nanoCpus || cpus * BILLION });
  }

  /** Resolves when the container is not running (any more); the code of a missing container is 0. Rejects if the connection is lost. */
  exited(id: string, signal: AbortSignal): Promise<{ code: number }> {
    return this.#exits.of(id, signal);
  }

  /** The last lines of stdout and stderr, in order, without control characters. Empty if the container is missing. */
  async lastLogs(id: string, lines: number): Promise<string[]> {
    return (await containers.lastLogs(this.#transport, id, lines)) ?? [];
  }

  /** The lines of a container with their times, as they are written. */
  followLogs(id: string, options: LogOptions): AsyncGenerator<LogLine> {
    return logLines(this.#transport, id, options);
  }

  image(ref: string): Promise<Image | undefined> {
    return images.inspectImage(this.#transport, ref);
  }

  images(labels: LabelFilter): Promise<ImageSummary[]> {
    return images.listImages(this.#transport, labels);
  }

  /** The image in its registry, as this host sees it; `undefined` if it is missing there. Without access: a `DockerRefusal`. */
  distribution(ref: string, auth?: images.RegistryAuth): Promise<Distribution | undefined> {
    return images.inspectDistribution(this.#transport, ref, auth);
  }

  /** Pulls one image, by digest or by tag, for as long as there is progress; a busy registry is asked again for half a minute. */
  pull(ref: string, auth?: images.RegistryAuth, options: images.PullOptions = {}): Promise<void> {
    return images.pullImage(this.#transport, ref, auth, options);
  }

  /** Loads the images of an archive, as `docker load` does, for as long as there is progress. */
  loadImages(archive: () => AsyncIterable<Buffer>): Promise<void> {
    return images.loadImages(this.#transport, archive);
  }

  /** Gives an image a name with a tag, which it takes from any other image. */
  tagImage(ref: string, tag: string): Promise<void> {
    return images.tagImage(this.#transport, ref, tag);
  }

  /** What of its disk nothing uses. */
  spareDisk(): Promise<Spare> {
    return images.spareDisk(this.#transport);
  }

  removeImage(id: string): Promise<Removal> {
    return images.removeImage(this.#transport, id);
  }

  /** Verifies credentials. Rejects with a `DockerRefusal` that has the registry's message. */
  login(auth: images.RegistryAuth): Promise<void> {
    return images.login(this.#transport, auth);
  }

  /** By its exact name. */
  network(name: string): Promise<Network | undefined> {
    return networks.inspectNetwork(this.#transport, name);
  }

  /** No-op if it exists, whatever its labels. */
  createNetwork(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    return networks.createNetwork(this.#transport, name, labels);
  }

  removeNetwork(name: string): Promise<Removal> {
    return networks.removeNetwork(this.#transport, name);
  }

  volume(name: string): Promise<Volume | undefined> {
    return volumes.inspectVolume(this.#transport, name);
  }

  volumes(labels: LabelFilter): Promise<Volume[]> {
    return volumes.listVolumes(this.#transport, labels);
  }

  /** Bytes in each volume. Slow: Docker counts them again on each call, file by file. */
  volumeBytes(): Promise<ReadonlyMap<string, Bytes>> {
    return volumes.volumeBytes(this.#transport);
  }

  /** No-op if it exists, whatever its labels. */
  ensureVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    return volumes.ensureVolume(this.#transport, name, labels);
  }

  removeVolume(name: string): Promise<Removal> {
    return volumes.removeVolume(this.#transport, name);
  }

  /** Runs a command inside a container. Docker cannot stop it: after the deadline it may still be running. */
  exec(container: string, argv: readonly string[], options: ExecOptions = {}): Promise<CommandResult> {
    return exec(this.#transport, container, argv, options);
  }

  /** Like `exec`, but the caller has its input and output, without a deadline. */
  spawn(container: string, argv: readonly string[], options: AttachOptions): Promise<Spawned> {
    return startExec(this.#transport, container, argv, options);
  }

  /** The input and output of a container that was created with `AutoRemove` and is not started yet. */
  attach(id: string, options: AttachOptions): Promise<Attached> {
    return attachTo(this.#transport, id, options);
  }

  /** Creates a container like this one, without its command, labels, ports and restart policy. Its environment holds secrets. */
  sibling(id: string): Promise<CreateBody | undefined> {
    return siblingOf(this.#transport, id);
  }

  /** One file of a container, running or not. `undefined`: no such file or container. */
  readFile(container: string, path: string): Promise<Buffer | undefined> {
    return files.readFile(this.#transport, container, path);
  }

  /** A folder and everything in it; paths begin with the folder's own name. `undefined`: no such folder or container. */
  readFolder(container: string, path: string): Promise<ArchiveEntry[] | undefined> {
    return files.readFolder(this.#transport, container, path);
  }

  /** Owner of a path in a container. `undefined`: no such path or container. */
  ownerOf(container: string, path: string): Promise<Owner | undefined> {
    return files.ownerOf(this.#transport, container, path);
  }

  /**
   * Writes files into a folder of a container, running or not. The folder must exist; it may be where a volume is mounted. A file
   * replaces what has the same path, including a folder with its content. If the connection is lost, only some may be written.
   */
  writeFiles(container: string, folder: string, entries: readonly ArchiveEntry[]): Promise<void> {
    return files.writeFiles(this.#transport, container, folder, entries);
  }

  /** Copies the files that the folder `to` lacks, through this process. Links are left out. */
  addMissing(from: ContainerFolder, to: ContainerFolder, deadline: Deadline): Promise<void> {
    return files.addMissing(this.#transport, from, to, deadline);
  }

  /** Closes idle channels. */
  close(): void {
    this.#transport.close();
  }
}
