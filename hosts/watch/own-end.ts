import { randomBytes } from "node:crypto";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";
import { beating, listening } from "./watch.ts";

/** `$0` of the shell that ends a connection. */
const NAME = "slipway-own-end";

/**
 * A connection whose other end says nothing for this long is ended. Not before this process itself would call it lost: on a slow line a
 * heartbeat has to wait for what was sent before it.
 */
const SILENCE: Seconds = 45;
/** The connection of a process that is gone has ended by then. */
const PATIENCE: Seconds = SILENCE + 10;

/**
 * $1 mark, $2 id. Finds the process of sshd that serves this connection, the nearest one above, and ends it when nothing comes in time. It is
 * this user's own. With its number another one could have begun meanwhile, at another time.
 */
const OWN_END = `
trap '' HUP INT PIPE TERM
mark=$1 id=$2 pid=$$
while [ "$pid" -gt 1 ]; do
  { read -r line <"/proc/$pid/stat"; } 2>/dev/null || exit 0
  name=\${line#*(}
  name=\${name%)*}
  set -- \${line##*) }
  case $name in sshd | sshd-session) exec sh -c '${[
    "echo watching",
    `while timeout -s KILL ${SILENCE} sh -c "read -r beat"; do :; done`,
    "born=$4",
    `read -r line <"/proc/$3/stat" && pid=$3 && set -- \${line##*) } && shift 19 && [ "$1" = "$born" ] && kill "$pid" && sleep 2 && kill -s KILL "$pid"`,
  ].join("; ")}' ${NAME} "$mark" "$id" "$pid" "$(shift 19; echo "$1")" 2>/dev/null ;; esac
  pid=$2
done
`;

/** $1 mark, $2 id of the caller's own, $3 seconds. Waits for the other connections with that mark; the answer is `none`, `over` or `there`. */
const EARLIER = `
mark=$1 own=$2 left=$3 answer=none
others() {
  for process in /proc/[0-9]*; do
    [ -O "$process" ] || continue
    { tr '\\0' '\\n' <"$process/cmdline"; } 2>/dev/null | {
      read -r a; read -r b; IFS= read -r c; read -r d; read -r theirs; read -r id
      [ "$a" = sh ] && [ "$b" = -c ] && [ "$d" = ${NAME} ] && [ "$theirs" = "$mark" ] && [ "$id" != "$own" ]
    } && return 0
  done
  return 1
}
while others; do
  [ "$left" -gt 0 ] || { echo there; exit 0; }
  answer=over left=$((left - 1))
  sleep 1
done
echo $answer
`;

/**
 * Makes the host end this connection, with its ports and its streams, when this process is gone without a word: the machine sleeps, or is in
 * another network. By itself sshd would notice that after hours, and Docker would go on with what it was asked to do.
 */
export class OwnEnd {
  readonly #connection: Connection;
  readonly #mark: string;
  readonly #id = randomBytes(6).toString("hex");

  /** @param mark what these connections are for, in one word */
  constructor(connection: Connection, mark: string) {
    this.#connection = connection;
    this.#mark = mark;
  }

  /** Never rejects: a host that cannot, such as one without OpenSSH, keeps a dead connection for longer. */
  async arrange(): Promise<void> {
    const argv = ["sh", "-c", OWN_END, NAME, this.#mark, this.#id];
    const heard = await listening(this.#connection, argv).catch(() => undefined);
    if (heard?.answer === "watching") beating(heard.channel, heard.closed);
    else heard?.channel.close();
  }

  /** Waits until the host has ended those with the same mark that others left. @returns whether there were some, and are no more */
  async othersEnded(): Promise<boolean> {
    const argv = ["sh", "-c", EARLIER, "slipway-earlier", this.#mark, this.#id, String(PATIENCE)];
    const { stdout } = await run(this.#connection, argv, { deadline: Deadline.in(PATIENCE + 30) });
    return stdout.trim() === "over";
  }
}
