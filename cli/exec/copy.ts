import { once } from "node:events";
import type { Duplex, Readable } from "node:stream";
import { Demultiplexer } from "../../hosts/index.ts";

/** Takes bytes, and says whether it wants more at once. */
export interface Sink {
  write(data: Buffer): boolean;
  once(event: "drain", listener: () => void): unknown;
  /** What is left of it when the command ended. */
  flush?(): void;
}

/** Copies a command's output to its end, no faster than it is read. A terminal's output is one; else stdout and stderr come apart. */
export async function copyOutput(stream: Readable, isTty: boolean, sinks: { stdout: Sink; stderr: Sink }): Promise<void> {
  const demultiplexer = new Demultiplexer();
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const parts = isTty ? [{ from: "stdout" as const, data: chunk }] : demultiplexer.add(chunk);
    for (const { from, data } of parts) await written(sinks[from], data);
  }
  sinks.stdout.flush?.();
  sinks.stderr.flush?.();
}

const written = async (sink: Sink, data: Buffer): Promise<void> => {
  if (!sink.write(data)) await new Promise<void>((resolve) => sink.once("drain", resolve));
};

/** Settles when there is room again, or never will be. */
async function roomIn(to: Duplex): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race(["drain", "close", "end"].map((event) => once(to, event, { signal })));
  } finally {
    settled.abort();
  }
}

/** Copies our input to a command until either ends. The end of ours is the end of its. */
export function copyInput(from: Readable, to: Duplex): { end(): void } {
  let over = false;
  const copy = async () => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      // A command that ends early closes its side. A write after that would destroy the stream, and output that nobody read yet with it.
      if (over || to.writableEnded || to.destroyed) return;
      if (!to.write(chunk)) await roomIn(to);
    }
    if (!to.writableEnded) to.end();
  };
  // What goes wrong on the connection is told by the output's end of it.
  copy().catch(() => {});
  return {
    end: () => {
      over = true;
      from.destroy();
    },
  };
}
