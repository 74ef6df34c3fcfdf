import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { pipeline, type Writable } from "node:stream";
import { signalChild } from "../core/child.ts";
import type { Deadline } from "../core/deadline.ts";
import type { Bytes, Seconds } from "../core/words.ts";

/** What a command of Docker has printed, and how it has ended. */
export interface DockerResult {
  /** `missing`: there is no such program on this machine. */
  readonly code: number | "missing";
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  readonly deadline: Deadline;
  /** Called with each line of the standard error. */
  readonly line?: (line: string) => void;
  /** Gets the standard output, which is not kept then. The command ends soon after it is destroyed. */
  readonly out?: Writable;
}

/** Of an answer; what is printed line by line is not kept. */
const MOST: Bytes = 4 * 1024 * 1024;
const GRACE: Seconds = 5;

/**
 * Runs `docker` on this machine. Rejects if it was ended by the signal or the deadline.
 *
 * @example await docker(["version", "--format", "{{json .}}"], { deadline: Deadline.in(20) })
 */
export async function docker(
  args: readonly string[],
  { env, cwd, signal, deadline, line, out: to }: Options,
): Promise<DockerResult> {
  const child = spawn("docker", args, { env: env ?? process.env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = [new Kept(), new Kept()];
  if (to === undefined) child.stdout.on("data", (part: Buffer) => out.add(part));
  // Who reads it learns of a failure by its own error.
  else pipeline(child.stdout, to, () => {});
  if (line === undefined) child.stderr.on("data", (part: Buffer) => err.add(part));
  else createInterface({ input: child.stderr }).on("line", line);
  const ended = new Promise<number | "missing">((resolve, reject) => {
    child.once("error", (thrown: NodeJS.ErrnoException) => (thrown.code === "ENOENT" ? resolve("missing") : reject(thrown)));
    // Not `exit`: what it has printed may come after it.
    child.once("close", (code) => resolve(code ?? -1));
  });
  const stop = () => {
    signalChild(child, "SIGTERM");
    setTimeout(() => signalChild(child, "SIGKILL"), GRACE * 1000).unref();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const code = await deadline.race(ended, () => new Error(`docker ${args[0] ?? ""} did not end in time`));
    signal?.throwIfAborted();
    return { code, stdout: out.text, stderr: err.text };
  } catch (thrown) {
    stop();
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** The beginning of an output. */
class Kept {
  readonly #parts: Buffer[] = [];
  #size: Bytes = 0;

  add(part: Buffer): void {
    if (this.#size < MOST) this.#parts.push(part);
    this.#size += part.length;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }
}
