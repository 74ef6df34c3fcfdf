import { Deadline } from "../../core/deadline.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import type { Container, Host } from "../../hosts/index.ts";

/** A folder that takes longer than this is not told. */
const PATIENCE: Seconds = 3;

/** How much is in each mount of a container that runs, by target, as far as its own `du` says so in a moment. */
export async function sizesOf({ id, state, mounts }: Container, { docker }: Host): Promise<Readonly<Record<string, Bytes>>> {
  if (state.status !== "running" || mounts.length === 0) return {};
  const targets = mounts.map(({ target }) => target);
  // Docker cannot end a command: this one ends by itself.
  const argv = ["timeout", String(PATIENCE), "du", "-sk", ...targets];
  try {
    const { stdout } = await docker.exec(id, argv, { deadline: Deadline.in(PATIENCE + 2), user: "0" });
    return parseDu(stdout);
  } catch {
    // An image without these programs, or one that is stopped meanwhile: what it holds is not worth an error.
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
