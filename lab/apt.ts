import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Seconds } from "../core/words.ts";
import { command } from "./command.ts";
import { mirror } from "./image.ts";
import { folder, inState } from "./state.ts";

/** A Debian whose packages the lab uses: each has other versions of the same programs. */
export type Suite = "bookworm" | "trixie" | "forky";

const LISTS_FRESH: Seconds = 900;
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** An apt of the lab beside the machine's own, which has nothing installed. Use it under the lab's lock: its files are shared. */
export class Apt {
  readonly #suite: Suite;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(suite: Suite, env: NodeJS.ProcessEnv) {
    this.#suite = suite;
    this.#env = env;
  }

  /** With recent lists of the suite's packages. */
  static async of(suite: Suite): Promise<Apt> {
    const at = await folder("apt", suite);
    for (const part of ["lists/partial", "cache/archives/partial"]) await mkdir(join(at, part), { recursive: true });
    const env = { ...process.env, APT_CONFIG: join(at, "apt.conf") };
    await writeFile(join(at, "status"), ""); // nothing is installed: what libc needs is wanted, too
    await writeFile(join(at, "sources.list"), `deb [signed-by=${KEYRING}] ${await mirror()} ${suite} main\n`);
    await writeFile(env.APT_CONFIG, aptConfig(at));
    await update(at, env);
    return new Apt(suite, env);
  }

  /** Names of these packages and of all that they depend on. */
  async closure(packages: readonly string[]): Promise<string[]> {
    const plan = await command(["apt-get", "install", "-s", "-q", "-y", ...packages], { env: this.#env, timeout: 300 });
    return [...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []);
  }

  /** Downloads these packages alone, checked by Debian's keys. The files of the previous call are removed. */
  async download(packages: readonly string[]): Promise<string[]> {
    const pool = inState("apt", this.#suite, "pool");
    await rm(pool, { recursive: true, force: true });
    await mkdir(pool);
    await command(["apt-get", "download", "-q", ...packages], { env: this.#env, cwd: pool, timeout: 300 });
    return (await readdir(pool)).sort().map((file) => join(pool, file));
  }
}

/** Fetches the lists of packages, once for all that is made one after the other. */
async function update(at: string, env: NodeJS.ProcessEnv): Promise<void> {
  const stamp = join(at, "updated");
  const last = await stat(stamp).catch(() => undefined);
  if (last !== undefined && Date.now() - last.mtimeMs < LISTS_FRESH * 1000) return;
  await command(["apt-get", "update", "-q"], { env, timeout: 300 });
  await writeFile(stamp, "");
}

/** @param at where everything of it stays: nothing of the machine's own apt is read or written */
const aptConfig = (at: string): string => `
Dir::Etc::sourcelist "${at}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${at}";
Dir::State::status "${at}/status";
Dir::Cache "${at}/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
`;
