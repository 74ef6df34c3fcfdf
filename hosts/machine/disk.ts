import type { Bytes } from "../../core/words.ts";

/** The file system that holds Docker's data. */
export interface Disk {
  readonly path: string;
  readonly free: Bytes;
  readonly usedPercent: number;
}

/** What `Host` answers. */
interface Answers {
  readonly docker: { info(): Promise<{ readonly rootDir: string }> };
  run(argv: readonly string[]): Promise<{ readonly code: number; readonly stdout: string }>;
}

/**
 * The disk of Docker's data root, which `daemon.json` may put anywhere; `undefined` where `df` fails.
 *
 * @param info what its Docker says of itself, if it was asked already
 */
export async function diskOf(host: Answers, info = host.docker.info()): Promise<Disk | undefined> {
  const { rootDir } = await info;
  const { code, stdout } = await host.run(["df", "-Pk", rootDir]);
  return code === 0 ? parseDf(stdout, rootDir) : undefined;
}

/** The last line of `df -Pk`: file system, size, used, free, use, mount point. Root's reserve counts as used, so the percentage is df's. */
export function parseDf(stdout: string, path: string): Disk | undefined {
  const columns = stdout.trim().split("\n").at(-1)?.split(/\s+/) ?? [];
  const [free, used] = [Number(columns[3]), Number.parseInt(columns[4] ?? "", 10)];
  return Number.isFinite(free) && Number.isFinite(used) ? { path, free: free * 1024, usedPercent: used } : undefined;
}
