import { randomBytes } from "node:crypto";
import { messageOf, NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import { detachedLabels, temporaryLabels } from "../../core/temporary.ts";
import type { Seconds } from "../../core/words.ts";
import {
  ConnectionLost,
  type CreateBody,
  DockerRefusal,
  type Entry,
  type Host,
  type Hosts,
  operator,
} from "../../hosts/index.ts";
import { removeLeft } from "../../providers/steps/temporary.ts";
import { hostsAt } from "../stack/access.ts";
import { chooseHosts, chooseRoles } from "../stack/choose.ts";
import { noted } from "../stack/lease.ts";
import type { Stack } from "../stack/read-stack.ts";
import { findLive, type LiveContainer, nameOf, primaryRole } from "../stack/release.ts";
import { notice, printFailure } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";
import { cutOff, endsWithUs, GRACE } from "./ends-with-us.ts";
import { type Environment, linesOf, withVariables } from "./environment.ts";
import type { ExecMode } from "./mode.ts";
import { FAILED, Session } from "./session.ts";

export interface ExecOptions extends ExecMode {
  readonly argv: readonly string[];
  readonly role?: string;
  readonly host?: readonly string[];
  readonly all?: true;
  readonly reuse?: true;
  readonly env?: Environment;
  /** It goes on without this process. */
  readonly detach?: true;
}

/** Docker's exit codes for commands that could not be run. */
const NOT_STARTED = 126;
const NOT_FOUND = 127;

const COMMAND = "slipway exec";

/** One that is still there after a day was not ended with its caller: the host could not do that. */
const LIMIT: Seconds = 86_400;
/** How long a detached one may run, and its output can be read: the next command after that removes it. */
const DETACHED_LIMIT: Seconds = 7 * 86_400;

/** One command on one or several hosts. */
export class ExecRun {
  readonly #stack: Stack;
  readonly #options: ExecOptions;
  readonly #hosts: Hosts;
  readonly #session: Session;

  constructor(stack: Stack, options: ExecOptions) {
    this.#stack = stack;
    this.#options = options;
    this.#hosts = hostsAt(stack.access);
    this.#session = new Session(options);
  }

  /** Returns the exit code of the command; of several, the first that is not 0. */
  async run(): Promise<number> {
    try {
      const role = this.#role();
      const onHost = (host: Host) =>
        noted(host, this.#entry(role), () => this.#onHost(host, role)).catch((thrown: unknown) => {
          printFailure(thrown);
          return FAILED;
        });
      return await this.#session.run(() => Promise.all(this.#places(role).map(onHost)));
    } finally {
      await this.#hosts.close();
    }
  }

  /** Without its arguments, which may have a secret. */
  #entry(role: string): Entry {
    return { who: operator(this.#stack.stack), what: `slipway exec in ${nameOf(this.#stack.inputs, role)}` };
  }

  #role(): string {
    const { inputs } = this.#stack;
    const named = this.#options.role ?? primaryRole(inputs) ?? "";
    const [role = "", ...others] = chooseRoles(inputs, [named]);
    if (others.length > 0) throw severalRoles(named, [role, ...others]);
    return role;
  }

  #places(role: string): Host[] {
    const { inputs } = this.#stack;
    const { host: named, all } = this.#options;
    const of = inputs.roles[role]?.hosts ?? [];
    const chosen = chooseHosts(inputs, named ?? (all ? of : of.slice(0, 1)));
    return chosen.map((address) => this.#hosts.at(address));
  }

  async #onHost(host: Host, role: string): Promise<number> {
    const live = await this.#live(host, role);
    const { reuse, argv, env = {} } = this.#options;
    if (reuse) return this.#session.within(host, live, argv, linesOf(env));
    return this.#beside(host, live);
  }

  async #live(host: Host, role: string): Promise<LiveContainer> {
    const found = (await findLive(this.#stack.inputs, host)).filter((container) => container.role === role);
    const unlike = ({ canary, running }: LiveContainer) => Number(canary) * 2 + Number(!running);
    const [first] = found.sort((a, b) => unlike(a) - unlike(b) || a.replica - b.replica);
    if (first === undefined || (this.#options.reuse && !first.running)) throw notLive(host, role, first !== undefined);
    return first;
  }

  /** Runs it in a new container: its files and memory are separate, and no request reaches it. */
  async #beside(host: Host, live: LiveContainer): Promise<number> {
    await removeLeft(host, this.#stack.inputs, notice);
    const name = `${nameOf(this.#stack.inputs, live.role)}-exec-${randomBytes(3).toString("hex")}`;
    if (this.#options.detach) return this.#detached(host, live, name);
    const watch = await endsWithUs(host, { kind: "container", container: name, grace: GRACE });
    try {
      return await this.#inNew(host, live, name);
    } catch (thrown) {
      if (!(thrown instanceof ConnectionLost)) throw thrown;
      const byHand = `docker logs -f ${name}, docker stop ${name}`;
      throw cutOff(host, this.#options.argv, thrown, watch === undefined ? byHand : undefined);
    } finally {
      await watch?.release();
    }
  }

  /** As the live one, with the command. */
  async #body(host: Host, live: LiveContainer): Promise<CreateBody> {
    const like = await host.docker.sibling(live.id);
    if (like === undefined) throw notLive(host, live.role, false);
    const { argv, env = {}, detach } = this.#options;
    const { tty, input } = this.#session.attach;
    const { stack } = this.#stack.inputs;
    return {
      ...like,
      Cmd: [...argv],
      Env: withVariables(like.Env ?? [], env),
      Tty: tty,
      OpenStdin: input,
      StdinOnce: input,
      AttachStdin: input,
      AttachStdout: !detach,
      AttachStderr: !detach,
      // Without the labels of a release's container: no run may take it for one.
      Labels: detach ? detachedLabels(COMMAND, stack, DETACHED_LIMIT) : temporaryLabels(COMMAND, stack, LIMIT),
      // Docker removes it when it ends, with its output: where something waits for it.
      HostConfig: { ...like.HostConfig, AutoRemove: !detach },
    };
  }

  /** Starts it and leaves it. Its output stays with its container. */
  async #detached(host: Host, live: LiveContainer, name: string): Promise<number> {
    const { docker } = host;
    const { id } = await docker.create(name, await this.#body(host, live));
    try {
      await docker.start(id);
    } catch (thrown) {
      await docker.remove(id, { force: true, anonymousVolumes: true });
      if (!(thrown instanceof DockerRefusal)) throw thrown;
      printFailure(notStarted(host, this.#options.argv, thrown));
      return codeOf(thrown);
    }
    printLine(`${host.name} | ${name}`);
    notice(`${host.name}: ${name} runs by itself; its output: slipway server exec --host ${host.name} -- docker logs -f ${name}`);
    return 0;
  }

  async #inNew(host: Host, live: LiveContainer, name: string): Promise<number> {
    const { docker } = host;
    const { argv } = this.#options;
    const { tty, input } = this.#session.attach;
    const { id } = await docker.create(name, await this.#body(host, live));
    let started = false;
    try {
      const attached = await docker.attach(id, { tty, input });
      const stopped = this.#session.stopped(async () => {
        await docker.stop(id, GRACE);
        await attached.exitCode();
      });
      this.#session.signal.throwIfAborted();
      await docker.start(id).catch((thrown: unknown) => {
        throw thrown instanceof DockerRefusal ? notStarted(host, argv, thrown) : thrown;
      });
      started = true;
      return await this.#session.converse(host, attached, stopped);
    } catch (thrown) {
      if (started) throw thrown;
      // Docker only removes containers that were started.
      await docker.remove(id, { force: true, anonymousVolumes: true }).catch((again: unknown) => {
        notice(`${host.name}: remove ${name} by hand, it was created but not started: ${reasonOf(again, host.name)}`);
      });
      if (this.#session.signal.aborted) return FAILED;
      if (!(thrown instanceof SlipwayError) || !(thrown.cause instanceof DockerRefusal)) throw thrown;
      printFailure(thrown);
      return codeOf(thrown.cause);
    }
  }
}

const codeOf = ({ message }: DockerRefusal): number =>
  /executable file not found|no such file/i.test(message) ? NOT_FOUND : NOT_STARTED;

const severalRoles = (named: string, roles: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: `${named} is ${roles.length} roles, and a command gets the environment of one`,
    evidence: [`roles: ${roles.join(", ")}`],
    servesNow: NOTHING_TOUCHED,
    next: `name one of them: --role ${roles[0]}`,
  });

const notLive = (host: Host, role: string, isThere: boolean): SlipwayError =>
  new SlipwayError({
    code: "APP_NOT_RUNNING",
    what: isThere ? `the live container of ${role} is not running` : `no container of ${role} is live`,
    host: host.name,
    servesNow: NOTHING_TOUCHED,
    next: isThere
      ? "leave out --reuse to start a new container from the same image"
      : "slipway status shows what is live; choose with --host and --role",
  });

const notStarted = (host: Host, argv: readonly string[], refusal: DockerRefusal): SlipwayError =>
  new SlipwayError(
    {
      code: "EXEC_FAILED",
      what: `${argv[0]} could not be started`,
      host: host.name,
      evidence: [messageOf(refusal)],
      servesNow: NOTHING_TOUCHED,
      next:
        argv[0] === "sh"
          ? "the image has no shell: name a program of it and give each argument as a word of its own"
          : "name a program of the image; for a shell command line: slipway exec -- sh -c '…'",
    },
    { cause: refusal },
  );
