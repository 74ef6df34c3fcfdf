import type { Readable } from "node:stream";
import type { Deadline } from "../../core/deadline.ts";
import { type Attached, Demultiplexer } from "../../hosts/index.ts";

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST = 64 * 1024;

/**
 * Gives a command its input and waits for its end. A command that ends before it has read all ends this, too. Where the content
 * itself fails, so does this: what the command makes of the part that it got is nothing.
 */
export async function pipeToExec(content: Readable, attached: Attached, deadline: Deadline): Promise<ExecResult> {
  const work = poured(content, attached);
  return deadline.race(work, () => {
    work.catch(() => {});
    const late = new Error("it was not done in time");
    content.destroy(late);
    attached.stream.destroy();
    return late;
  });
}

async function poured(content: Readable, attached: Attached): Promise<ExecResult> {
  const { stream } = attached;
  const heard = hear(attached);
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      if (stream.destroyed || stream.writableEnded) break;
      if (!stream.write(chunk))
        await Promise.race([new Promise<void>((resolve) => stream.once("drain", resolve)), closed, heard]);
    }
  } catch (thrown) {
    stream.destroy();
    await heard.catch(() => {});
    throw thrown;
  }
  stream.end();
  return heard;
}

async function hear({ stream, exitCode }: Attached): Promise<ExecResult> {
  const parts = new Demultiplexer();
  const said = { stdout: "", stderr: "" };
  for await (const chunk of stream as AsyncIterable<Buffer>)
    for (const { from, data } of parts.add(chunk)) said[from] = `${said[from]}${data.toString("utf8")}`.slice(-MOST);
  return { code: await exitCode(), ...said };
}
