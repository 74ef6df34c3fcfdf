import { execFile } from "node:child_process";
import { constants, open } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

/** Whoever the dump runs as has to write into them; nobody else has their folder. */
const FOR_ALL = 0o666;

/** The two ways out of the container of the dump: what it dumps, and how that went. */
export interface Pipe {
  readonly data: Readable;
  /** Resolves when the dump has begun. */
  readonly begun: Promise<void>;
  /** Its exit code; `undefined` when it was cut off before it could tell. To be asked when its data ended. */
  readonly code: Promise<number | undefined>;
  close(): void;
}

/** Opens both for reading before anybody writes. */
export async function openPipe(folder: string): Promise<Pipe> {
  const [data, told] = [await openFifo(join(folder, "data")), await openFifo(join(folder, "code"))];
  let text = "";
  const begun = new Promise<void>((resolve, reject) => {
    told.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.startsWith("begin\n")) resolve();
    });
    told.once("error", reject);
  });
  const code = new Promise<number | undefined>((resolve, reject) => {
    told.once("end", () => resolve(codeIn(text)));
    told.once("error", reject);
  });
  begun.catch(() => {});
  code.catch(() => {});
  const close = () => {
    data.destroy();
    told.destroy();
  };
  return { data, begun, code, close };
}

function codeIn(text: string): number | undefined {
  const [, code] = /^begin\nend (\d+)\n$/.exec(text) ?? [];
  return code === undefined ? undefined : Number(code);
}

/**
 * Without waiting for a writer. Read as a socket, it waits for one by events: a plain file would hold a thread in `read`, or end
 * before the first writer came.
 */
async function openFifo(path: string): Promise<Socket> {
  await makeFifo(path);
  return new Socket({ fd: await openRaw(path), readable: true, writable: false });
}

/** One that is there stays: the writer may have it open already. */
async function makeFifo(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFIFO()) return;
  await promisify(execFile)("mkfifo", [path]);
  await chmod(path, FOR_ALL);
}

const openRaw = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    open(path, constants.O_RDONLY | constants.O_NONBLOCK, (error, fd) => (error ? reject(error) : resolve(fd)));
  });
