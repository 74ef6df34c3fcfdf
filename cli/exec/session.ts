import { constants } from "node:os";
import { type Attached, ConnectionLost, type Host, type Spawned, type Watch } from "../../hosts/index.ts";
import { notice } from "../terminal/failure.ts";
import { copyInput, copyOutput, type Sink } from "./copy.ts";
import { cutOff, endsWithUs, GRACE } from "./ends-with-us.ts";
import { linesTo } from "./lines.ts";
import type { ExecMode } from "./mode.ts";
import { withTerminal } from "./terminal.ts";

/** Docker's exit code for a command that could not be run, and the base of a shell's codes for signals. */
export const FAILED = 125;
const SIGNALLED = 128;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One or several commands and this terminal: input, output and signals. */
export class Session {
  readonly #mode: ExecMode;
  readonly #stop = new AbortController();

  constructor(mode: ExecMode) {
    this.#mode = mode;
  }

  /** Aborted with the name of the signal that stops this process. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get attach(): { tty: boolean; input: boolean } {
    const tty = this.#mode.interactive === true;
    return { tty, input: tty || this.#mode.raw === true };
  }

  /** Returns the exit code of the command; of several, the first that is not 0. */
  async run(work: () => Promise<readonly number[]>): Promise<number> {
    for (const signal of SIGNALS) process.once(signal, () => this.#stop.abort(signal));
    const codes = await work();
    const signal = this.signal.reason as (typeof SIGNALS)[number] | undefined;
    return signal === undefined ? (codes.find((code) => code !== 0) ?? 0) : SIGNALLED + constants.signals[signal];
  }

  /** Runs a command in a container that keeps running. */
  async within(
    host: Host,
    { id, name }: { id: string; name: string },
    argv: readonly string[],
    env: readonly string[] = [],
  ): Promise<number> {
    const attached = await host.docker.spawn(id, argv, { ...this.attach, env });
    const watching = this.#watch(host, id, attached);
    const stopped = this.stopped(async () => {
      const watch = await watching;
      if (watch === undefined) notice(`${host.name}: the command may still run in ${name}`);
      else await watch.end();
      attached.stream.destroy();
    });
    try {
      return await this.converse(host, attached, stopped);
    } catch (thrown) {
      if (!(thrown instanceof ConnectionLost)) throw thrown;
      throw cutOff(host, argv, thrown, (await watching) === undefined ? `docker top ${name}` : undefined);
    } finally {
      await (await watching)?.release();
    }
  }

  /** Beside the conversation, which does not wait for it. */
  async #watch(host: Host, container: string, attached: Spawned): Promise<Watch | undefined> {
    // Where Docker does not answer or the connection is lost, the conversation reports it.
    const process = () => attached.process().catch(() => undefined);
    const pid = await process();
    if (pid === undefined) return undefined;
    return endsWithUs(host, { kind: "command", container, pid, grace: GRACE }, async () => (await process()) !== undefined);
  }

  /** Calls `end` once if a signal stops this process; settles with it, or never. */
  stopped(end: () => Promise<void>): Promise<void> {
    const { signal } = this;
    const stopped = new Promise<void>((resolve, reject) => {
      const now = () => void end().then(resolve, reject);
      if (signal.aborted) now();
      else signal.addEventListener("abort", now, { once: true });
    });
    // Not awaited if the command ends first.
    stopped.catch(() => {});
    return stopped;
  }

  /** Copies input and output until the command ends. */
  async converse(host: Host, attached: Attached, stopped: Promise<void>): Promise<number> {
    const { tty, input } = this.attach;
    const talk = async () => {
      const copying = input ? copyInput(process.stdin, attached.stream) : undefined;
      try {
        await copyOutput(attached.stream, tty, this.sinks(host));
      } finally {
        copying?.end();
        attached.stream.destroy();
      }
      return attached.exitCode();
    };
    const ended = tty ? withTerminal(attached, talk) : talk();
    ended.catch(() => {});
    const code = await Promise.race([ended, stopped.then(() => undefined)]);
    return code ?? FAILED;
  }

  /** Where the output of a command on a host goes. */
  sinks(host: Host): { stdout: Sink; stderr: Sink } {
    const { stdout, stderr } = process;
    if (!this.#mode.several) return { stdout, stderr };
    return { stdout: linesTo(stdout, host.name), stderr: linesTo(stderr, host.name) };
  }
}
