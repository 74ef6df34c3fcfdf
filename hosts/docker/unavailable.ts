import { Deadline } from "../../core/deadline.ts";
import { SlipwayError, type Story } from "../../core/error.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";
import { DOCKER_SOCKET } from "./socket.ts";

/**
 * Run once, after a failure: sshd reports all of these causes with the same message. If Docker listens on its socket and this user may
 * connect to it, sshd itself forbids the forwarding.
 */
const DIAGNOSE = `
if [ -S "$1" ]; then
  if ! [ -r "$1" ] || ! [ -w "$1" ]; then echo forbidden
  elif grep -Eq ' 00010000 .* (/var)?/run/docker.sock$' /proc/net/unix; then echo prohibited
  else echo stopped; fi
elif [ -e /usr/bin/dockerd ] || [ -e /usr/sbin/dockerd ] || [ -e /usr/local/bin/dockerd ] || command -v dockerd docker >/dev/null 2>&1; then
  echo stopped
else
  echo missing
fi
`;

type Cause = "forbidden" | "stopped" | "missing" | "prohibited";

interface CauseStory {
  readonly what: (user: string) => string;
  readonly next: (user: string) => string;
}

const CAUSES: Readonly<Record<Cause, CauseStory>> = {
  forbidden: {
    what: (user) => `the user ${user} may not use Docker`,
    next: (user) => `on the host: sudo usermod -aG docker ${user}`,
  },
  stopped: { what: () => "Docker is installed but not running", next: () => "on the host: sudo systemctl start docker" },
  missing: {
    what: () => "Docker is not installed",
    next: () => "install Docker Engine on the host: https://docs.docker.com/engine/install/",
  },
  prohibited: {
    what: () => "sshd on the host forbids forwarding to Docker's socket",
    next: () =>
      "on the host, in /etc/ssh/sshd_config: AllowStreamLocalForwarding yes (and no DisableForwarding), then systemctl reload ssh",
  },
};

/** Docker cannot be reached, for a reason that can be fixed on the host. */
export class DockerUnavailable extends SlipwayError {
  readonly kind: Cause;

  constructor(kind: Cause, story: Story, options?: ErrorOptions) {
    super(story, options);
    this.kind = kind;
  }
}

/** Why a channel to Docker's socket could not be opened; `error` itself if the cause is unknown. */
export async function dockerUnavailable(connection: Connection, error: Error): Promise<Error> {
  const kind = await diagnose(connection);
  if (!isCause(kind)) return error;
  const { what, next } = CAUSES[kind];
  const { host, user } = connection;
  return new DockerUnavailable(
    kind,
    {
      code: "DOCKER_UNAVAILABLE",
      what: what(user),
      host,
      evidence: [`${DOCKER_SOCKET}: ${error.message.replace("(SSH) Channel open failure: ", "")}`],
      servesNow: `what served before; Docker on ${host} could not be asked`,
      next: next(user),
    },
    { cause: error },
  );
}

const isCause = (word: string): word is Cause => Object.hasOwn(CAUSES, word);

async function diagnose(connection: Connection): Promise<string> {
  const { stdout } = await run(connection, ["sh", "-c", DIAGNOSE, "slipway-diagnose", DOCKER_SOCKET], {
    deadline: Deadline.in(10),
  });
  return stdout.trim();
}

/** Whether sshd refused the channel. */
export const isChannelRefused = (error: unknown): error is Error =>
  error instanceof Error && error.message.startsWith("(SSH) Channel open failure");
