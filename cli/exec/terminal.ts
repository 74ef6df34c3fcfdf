import type { Attached } from "../../hosts/index.ts";

/** Gives the terminal to a command: every key is the command's, Ctrl-C too, and it hears of the size. The terminal is ours again in any case. */
export async function withTerminal<T>(attached: Attached, talk: () => Promise<T>): Promise<T> {
  const { stdin, stdout } = process;
  // A size that comes too late, or when the command has just ended, hurts nobody.
  const resize = () => void attached.resize({ rows: stdout.rows, columns: stdout.columns }).catch(() => {});
  stdin.setRawMode(true);
  stdout.on("resize", resize);
  resize();
  try {
    return await talk();
  } finally {
    stdout.off("resize", resize);
    stdin.setRawMode(false);
  }
}
