import { createInterface } from "node:readline/promises";

/** Asks a yes/no question on the terminal. Ctrl-C, the end of input and an aborted signal mean no. */
export async function ask(question: string, signal?: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  const close = () => lines.close();
  signal?.addEventListener("abort", close);
  try {
    const answer = signal?.aborted ? "" : await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    signal?.removeEventListener("abort", close);
    lines.close();
  }
}
