import type { Attached } from "../../hosts/index.ts";

/** Connects the terminal to a command: it gets every key, Ctrl-C included, and changes of the size. The terminal is restored in any case. */
export async function withTerminal<T>(attached: Attached, talk: () => Promise<T>): Promise<T> {
  const { stdin, stdout } = process;
  // Resizing may fail: the command may have just ended.
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
