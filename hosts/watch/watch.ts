import type { ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import { printable } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { MarkedOutput, remoteCommand } from "../ssh/remote-command.ts";
import { watchCommand } from "./script.ts";

/** What a host ends when this process is gone. */
export type Watched =
  | {
      readonly kind: "container";
      /** It need not exist yet. */
      readonly container: string;
      /** How long it may take to end by itself. */
      readonly grace: Seconds;
    }
  | {
      readonly kind: "command";
      readonly container: string;
      /** The command's process, as the host numbers it. */
      readonly pid: number;
      readonly grace: Seconds;
    };

/**
 * A shell on the host that hears this process as long as it lives. When it hears nothing more, because this process was killed or the
 * line is cut, it ends what is watched.
 */
export interface Watch {
  /** `shell`: only a shell in the container can end it, because this user is not root. */
  readonly by: "host" | "shell";
  /** Ends what is watched, now. */
  end(): Promise<void>;
  /** Leaves it alone. Never rejects: of a lost connection, others report. */
  release(): Promise<void>;
}

const HEARTBEAT_INTERVAL: Milliseconds = 5_000;
const ANSWER_TIMEOUT: Seconds = 10;
const RELEASE_TIMEOUT: Seconds = 5;

/** Rejects with the reason if the host cannot watch. */
export async function startWatch(connection: Connection, watched: Watched): Promise<Watch> {
  const { kind, grace, container } = watched;
  const argv = watchCommand(kind, grace, container, watched.kind === "command" ? watched.pid : undefined);
  const { channel, closed, answer } = await listening(connection, argv);
  if (answer !== "watching" && answer !== "shell") {
    channel.close();
    throw new Error(answer === undefined ? "its login shell runs no commands" : printable(answer));
  }
  const beats = beating(channel, closed);
  const ended = (within: Seconds) => {
    clearInterval(beats);
    return Deadline.in(within)
      .race(closed, () => new Error("no end"))
      .catch(() => channel.close());
  };
  return {
    by: answer === "shell" ? "shell" : "host",
    end: () => {
      channel.end();
      return ended(grace + RELEASE_TIMEOUT);
    },
    release: () => {
      channel.end("over\n");
      return ended(RELEASE_TIMEOUT);
    },
  };
}

/** A shell of the host that runs a script which hears this process, and its first line; `undefined` if it ends without one. */
export interface Listening {
  readonly channel: ClientChannel;
  /** Resolves when the script or the connection has ended. */
  readonly closed: Promise<void>;
  readonly answer: string | undefined;
}

export async function listening(connection: Connection, argv: readonly string[]): Promise<Listening> {
  const { line, marker } = remoteCommand(argv);
  const lost = Promise.withResolvers<void>();
  const late = new AbortController();
  const opening = connection.open(
    "watch",
    "watch",
    (client, done) => client.exec(line, done),
    () => lost.resolve(),
    late.signal,
  );
  const answering = opening.then((channel) => answerOn(channel, marker, lost.promise));
  return Deadline.in(ANSWER_TIMEOUT).race(answering, () => {
    const error = new Error("its shell does not answer");
    answering.catch(() => {});
    late.abort(error);
    opening.then((channel) => channel.close()).catch(() => {});
    return error;
  });
}

/** Lets the script hear this process until it ends. */
export function beating(channel: ClientChannel, closed: Promise<void>): NodeJS.Timeout {
  const beats = setInterval(() => channel.write("beat\n"), HEARTBEAT_INTERVAL);
  void closed.then(() => clearInterval(beats));
  return beats;
}

async function answerOn(channel: ClientChannel, marker: string, lost: Promise<void>): Promise<Listening> {
  const closed = Promise.race([new Promise<void>((resolve) => channel.once("close", resolve)), lost]);
  return { channel, closed, answer: await firstLine(channel, marker, closed) };
}

/** `undefined` if the command ends without one. */
function firstLine(channel: ClientChannel, marker: string, closed: Promise<void>): Promise<string | undefined> {
  const output = new MarkedOutput(marker);
  channel.stderr.resume();
  return new Promise((resolve) => {
    channel.on("data", (data: Buffer) => {
      output.add(data);
      const [line, ...more] = output.text?.split("\n") ?? [];
      if (more.length > 0) resolve(line);
    });
    void closed.then(() => resolve(undefined));
  });
}
