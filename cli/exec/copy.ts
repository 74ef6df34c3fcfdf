import { once } from "node:events";
import type { Duplex, Readable } from "node:stream";
import { Demultiplexer } from "../../hosts/index.ts";

/** Takes bytes; returns whether it can take more at once. */
export interface Sink {
  write(data: Buffer): boolean;
  once(event: "drain", listener: () => void): unknown;
  /** Writes what is left when the command has ended. */
  flush?(): void;
}

/** Copies a command's output to its end, no faster than it is read. With a terminal it is one stream, otherwise stdout and stderr are separate. */
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

/** Resolves when there is room again, or never will be. */
async function roomIn(to: Duplex): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race(["drain", "close", "end"].map((event) => once(to, event, { signal })));
  } finally {
    settled.abort();
  }
}

/** Copies our input to a command until either ends. The end of our input is passed on. */
export function copyInput(from: Readable, to: Duplex): { end(): void } {
  let over = false;
  const copy = async () => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      // A command that ends early closes its side. A write after that would destroy the stream, with output that is not read yet.
      if (over || to.writableEnded || to.destroyed) return;
      if (!to.write(chunk)) await roomIn(to);
    }
    if (!to.writableEnded) to.end();
  };
  // A failed connection is reported by the reader of the output.
  copy().catch(() => {});
  return {
    end: () => {
      over = true;
      from.destroy();
    },
  };
}
