import type { Bytes } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";

/** The file system where Docker keeps its images. */
export interface Disk {
  readonly path: string;
  readonly free_bytes: Bytes;
  readonly used_percent: number;
}

/** `undefined` where `df` does not say. */
export async function diskOf(host: Host): Promise<Disk | undefined> {
  const { rootDir } = await host.docker.info();
  const { code, stdout } = await host.run(["df", "-Pk", rootDir]);
  return code === 0 ? parseDf(stdout, rootDir) : undefined;
}

/** The last line of `df -Pk`: file system, size, used, free, use, where. Some of a file system belongs to root alone, so the use is df's. */
export function parseDf(stdout: string, path: string): Disk | undefined {
  const columns = stdout.trim().split("\n").at(-1)?.split(/\s+/) ?? [];
  const [free, used] = [Number(columns[3]), Number.parseInt(columns[4] ?? "", 10)];
  return Number.isFinite(free) && Number.isFinite(used) ? { path, free_bytes: free * 1024, used_percent: used } : undefined;
}
