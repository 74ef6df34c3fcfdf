import { execFile } from "node:child_process";
import { constants, open } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

/** The dump may run as any user and has to write into them; no other container has their folder. */
const WRITABLE_BY_ALL = 0o666;

/** The two pipes out of the container of the dump: its data, and its exit code. */
export interface Pipe {
  readonly data: Readable;
  /** Resolves when the dump has begun. */
  readonly begun: Promise<void>;
  /** Its exit code; `undefined` if it was killed before it could report one. Await it after the end of the data. */
  readonly code: Promise<number | undefined>;
  close(): void;
}

/** Opens both for reading before the dump opens them for writing. */
export async function openPipe(folder: string): Promise<Pipe> {
  const [data, status] = [await openFifo(join(folder, "data")), await openFifo(join(folder, "code"))];
  let text = "";
  const begun = new Promise<void>((resolve, reject) => {
    status.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.startsWith("begin\n")) resolve();
    });
    status.once("error", reject);
  });
  const code = new Promise<number | undefined>((resolve, reject) => {
    status.once("end", () => resolve(codeIn(text)));
    status.once("error", reject);
  });
  begun.catch(() => {});
  code.catch(() => {});
  const close = () => {
    data.destroy();
    status.destroy();
  };
  return { data, begun, code, close };
}

function codeIn(text: string): number | undefined {
  const [, code] = /^begin\nend (\d+)\n$/.exec(text) ?? [];
  return code === undefined ? undefined : Number(code);
}

/**
 * Opens without waiting for a writer. Read as a socket, it waits for one by events; read as a file, it would block a thread, or end
 * before the first writer opened it.
 */
async function openFifo(path: string): Promise<Socket> {
  await makeFifo(path);
  return new Socket({ fd: await openRaw(path), readable: true, writable: false });
}

/** An existing pipe is kept: the writer may have opened it already. */
async function makeFifo(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFIFO()) return;
  await promisify(execFile)("mkfifo", [path]);
  await chmod(path, WRITABLE_BY_ALL);
}

const openRaw = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    open(path, constants.O_RDONLY | constants.O_NONBLOCK, (error, fd) => (error ? reject(error) : resolve(fd)));
  });
