import { Deadline } from "../../core/deadline.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import type { Container, Host } from "../../hosts/index.ts";

/** The size of a folder that takes longer is left out. */
const TIMEOUT: Seconds = 3;

/** The size of each mount of a running container, by target, as far as its own `du` reports it in time. */
export async function sizesOf({ id, state, mounts }: Container, { docker }: Host): Promise<Readonly<Record<string, Bytes>>> {
  if (state.status !== "running" || mounts.length === 0) return {};
  const targets = mounts.map(({ target }) => target);
  // Docker cannot stop a command, so this one stops by itself.
  const argv = ["timeout", String(TIMEOUT), "du", "-sk", ...targets];
  try {
    const { stdout } = await docker.exec(id, argv, { deadline: Deadline.in(TIMEOUT + 2), user: "0" });
    return parseDu(stdout);
  } catch {
    // The image lacks these programs, or the container has stopped: sizes are not worth an error.
    return {};
  }
}

/** Kilobytes, a tab, the path. */
export const parseDu = (stdout: string): Record<string, Bytes> =>
  Object.fromEntries(
    stdout.split("\n").flatMap((line) => {
      const [, size, path] = /^(\d+)\s+(\/.*)$/.exec(line) ?? [];
      return size === undefined || path === undefined ? [] : [[path, Number(size) * 1024]];
    }),
  );
