import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Answers, Question } from "../config/index.ts";
import { Deadline } from "../core/deadline.ts";
import { readAtMost } from "../core/read-at-most.ts";
import { parseJson } from "../core/text.ts";
import type { Bytes, Seconds } from "../core/words.ts";

/** The variable with the path of the socket. */
export const SOCKET_VARIABLE = "SLIPWAY_SECRETS_SOCKET";
const LARGEST: Bytes = 16 * 1024 * 1024;
/** As long as a source with a person at the terminal may take, and a little more. */
const PATIENCE: Seconds = 330;

/** Answers that a command offers to the processes of its run. */
export interface Offer extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
}

export interface HandedOver {
  readonly question: Question;
  readonly answers: Answers;
}

/**
 * Offers answers to the processes that a command starts, through a socket that only this user can open. So values are in no file, no
 * argument and no environment, and they end with this command, however it ends. `undefined`: there can be no socket, and they ask again.
 */
export async function offer(question: Question, answers: Promise<Answers>): Promise<Offer | undefined> {
  // What fails is seen by who awaits it; each process that asks gets nothing, and asks itself.
  answers.catch(() => {});
  const folder = await mkdtemp(join(tmpdir(), "slipway-"));
  const path = join(folder, "secrets");
  const server = createServer((socket) => {
    socket.on("error", () => {});
    answers.then(
      (known) => socket.end(JSON.stringify({ question, answers: known })),
      () => socket.destroy(),
    );
  });
  const end = async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(server, path);
  } catch {
    await end();
    return undefined;
  }
  server.unref();
  return { env: { [SOCKET_VARIABLE]: path }, [Symbol.asyncDispose]: end };
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });

/** What the command that started this process offers; `undefined`: nothing. */
export async function handedOver({ [SOCKET_VARIABLE]: path }: NodeJS.ProcessEnv): Promise<HandedOver | undefined> {
  if (path === undefined || path === "") return undefined;
  const socket = createConnection(path);
  try {
    const late = () => new Error("late");
    const text = await Deadline.in(PATIENCE).race(readAtMost(socket, LARGEST), late);
    return Given.safeParse(parseJson(text.toString("utf8"))).data;
  } catch {
    // The command has ended, or its answer is not readable: this process asks itself.
    return undefined;
  } finally {
    socket.destroy();
  }
}

/** Both are of the same version: one starts the other. The sources are only compared. */
const Given = z.object({
  question: z.object({
    sources: z.array(z.custom<Question["sources"][number]>()),
    wanted: z.array(z.object({ name: z.string(), decides: z.boolean() })),
  }),
  answers: z.object({
    values: z.record(z.string(), z.object({ value: z.string(), source: z.number() })),
    hints: z.record(z.string(), z.string()),
    faults: z.array(z.object({ source: z.number(), message: z.string() })),
  }),
});
