import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Deadline } from "../../../core/deadline.ts";
import type { Bytes, Seconds } from "../../../core/words.ts";
import { type CommandOptions, command } from "../../../lab/command.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";

const ALLOCATED = /Allocated port (\d+) for remote forward/;
const CONNECTED: Seconds = 20;

/** A forward of OpenSSH's. */
interface Forward extends AsyncDisposable {
  /** On the host's loopback. */
  readonly port: number;
}

/** The OpenSSH of this machine with its own defaults, and none of its user's settings, to hosts behind relays. */
export class OpenSsh implements AsyncDisposable {
  readonly #folder: string;
  readonly #options: readonly string[];
  readonly #ports: ReadonlyMap<LabHost, number>;

  private constructor(folder: string, options: readonly string[], ports: ReadonlyMap<LabHost, number>) {
    this.#folder = folder;
    this.#options = options;
    this.#ports = ports;
  }

  /** @param ports of the relays on 127.0.0.1, in the order of the lab's hosts */
  static async create({ hosts, key }: Lab, ports: readonly number[]): Promise<OpenSsh> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-openssh-"));
    const known = join(folder, "known_hosts");
    await writeFile(known, hosts.map(({ name, hostKey }) => `${name} ${hostKey}\n`).join(""));
    const strict = ["BatchMode=yes", "StrictHostKeyChecking=yes", `UserKnownHostsFile=${known}`, "IdentityAgent=none"];
    const options = ["-F", "none", "-i", key.file, ...strict.flatMap((option) => ["-o", option])];
    return new OpenSsh(folder, options, new Map(hosts.map((host, at) => [host, ports[at] ?? 0])));
  }

  /** Without the remote command. */
  argv(host: LabHost, ...options: readonly string[]): [string, ...string[]] {
    const there = ["-p", String(this.#ports.get(host)), "-o", `HostKeyAlias=${host.name}`];
    return ["ssh", ...this.#options, ...there, ...options, "deploy@127.0.0.1"];
  }

  /** Runs a command on the host; a non-zero exit is an error. */
  run(host: LabHost, remote: string, options?: CommandOptions): Promise<string> {
    return command([...this.argv(host), remote], options);
  }

  /** Sends that many bytes, which the host discards. */
  async discard(host: LabHost, bytes: Bytes, timeout: Seconds): Promise<void> {
    const script = 'head -c "$1" /dev/zero | "${@:2}" "cat >/dev/null"';
    await command(["bash", "-o", "pipefail", "-c", script, "bash", String(bytes), ...this.argv(host)], { timeout });
  }

  /** `ssh -R`, to a port of this machine. */
  async forward(host: LabHost, to: number): Promise<Forward> {
    const options = ["-N", "-o", "ExitOnForwardFailure=yes", "-R", `127.0.0.1:0:127.0.0.1:${to}`];
    const [file, ...args] = this.argv(host, ...options);
    const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    const ended = once(child, "close");
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const port = async () => {
      if (child.exitCode !== null) throw new Error(`ssh -R ended with ${child.exitCode}: ${said}`);
      const [, allocated] = ALLOCATED.exec(said) ?? [];
      return allocated === undefined ? undefined : Number(allocated);
    };
    const end = async () => {
      child.kill();
      await ended;
    };
    try {
      const allocated = await Deadline.in(CONNECTED).until(
        port,
        () => new Error(`ssh -R has no port after ${CONNECTED} s: ${said}`),
      );
      return { port: allocated, [Symbol.asyncDispose]: end };
    } catch (thrown) {
      await end();
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
