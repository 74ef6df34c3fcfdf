import { spawn } from "node:child_process";
import { open, readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { Deadline } from "../core/deadline.ts";
import type { Seconds } from "../core/words.ts";
import { folder, inState } from "./state.ts";

const Ticket = z.object({ pid: z.number().int().positive(), born: z.string(), argv: z.array(z.string()).readonly() });
type Ticket = z.infer<typeof Ticket>;

/** A process that outlives its starter. A file on disk has its pid and start time, so that a reused pid is never killed. */
export class Daemon {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  get log(): string {
    return inState("log", `${this.name}.log`);
  }

  /** The pid, if the process is alive and the one that was started here. */
  async pid(): Promise<number | undefined> {
    const ticket = await this.#ticket();
    return ticket !== undefined && (await birth(ticket.pid)) === ticket.born ? ticket.pid : undefined;
  }

  /** Whether it ended without `stop`, so that its children may be left over. */
  async crashed(): Promise<boolean> {
    return (await this.#ticket()) !== undefined && (await this.pid()) === undefined;
  }

  /** Starts it in its own session, with its output in `log`. No-op if it is running. */
  async start(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = process.env): Promise<number> {
    const running = await this.pid();
    if (running !== undefined) return running;
    await folder("log");
    await folder("run");
    const log = await open(this.log, "w", 0o600);
    const [file, ...args] = argv;
    const child = spawn(file, args, { detached: true, stdio: ["ignore", log.fd, log.fd], env, cwd: "/" });
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.unref();
    await log.close();
    const { pid } = child;
    const born = pid === undefined ? undefined : await birth(pid);
    if (pid === undefined || born === undefined) throw new Error(`${this.name} ended at once:\n${await this.lastLines()}`);
    await writeFile(this.#file, JSON.stringify({ pid, born, argv } satisfies Ticket), { mode: 0o600 });
    return pid;
  }

  /** SIGTERM, then SIGKILL after `grace`. No-op if it is not running. */
  async stop(grace: Seconds = 20): Promise<void> {
    const pid = await this.pid();
    if (pid !== undefined) {
      process.kill(pid, "SIGTERM");
      const gone = async () => ((await this.pid()) === undefined ? true : undefined);
      await Deadline.in(grace)
        .until(gone, () => new Error("still there"))
        .catch(() => process.kill(pid, "SIGKILL"));
    }
    await rm(this.#file, { force: true });
  }

  async lastLines(): Promise<string> {
    const text = await readFile(this.log, "utf8").catch(() => "");
    return text.trim().split("\n").slice(-10).join("\n");
  }

  get #file(): string {
    return inState("run", `${this.name}.json`);
  }

  async #ticket(): Promise<Ticket | undefined> {
    const text = await readFile(this.#file, "utf8").catch(() => undefined);
    return text === undefined ? undefined : Ticket.safeParse(JSON.parse(text)).data;
  }
}

/** Start time of a process: boot id and clock ticks since boot. Undefined if it is missing, or dead and not yet reaped. */
async function birth(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before it may hold spaces
  if (fields[0] === "Z") return undefined;
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  return `${boot.trim()}:${fields[19]}`;
}
