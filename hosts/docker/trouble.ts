import { Deadline } from "../../core/deadline.ts";
import { SlipwayError, type Story } from "../../core/error.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";

export const DOCKER_SOCKET = "/var/run/docker.sock";

/** Docker answered, and said no. */
export class DockerRefusal extends Error {
  override readonly name = "DockerRefusal";
  /** Of HTTP: 404 not there, 409 in conflict. */
  readonly statusCode: number;

  constructor(statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
  }
}

/** Asked once, after a failure: sshd gives all of these the same words. Somebody listens and we may connect: then it is sshd itself. */
const LOOK = `
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

type TroubleKind = "forbidden" | "stopped" | "missing" | "prohibited";

interface Trouble {
  readonly what: (user: string) => string;
  readonly next: (user: string) => string;
}

const TROUBLES: Readonly<Record<TroubleKind, Trouble>> = {
  forbidden: {
    what: (user) => `the user ${user} may not use Docker`,
    next: (user) => `on the host: sudo usermod -aG docker ${user}`,
  },
  stopped: { what: () => "Docker is installed but does not run", next: () => "on the host: sudo systemctl start docker" },
  missing: {
    what: () => "Docker is not installed",
    next: () => "install Docker Engine on the host: https://docs.docker.com/engine/install/",
  },
  prohibited: {
    what: () => "sshd on the host forbids the way to Docker's socket",
    next: () =>
      "on the host, in /etc/ssh/sshd_config: AllowStreamLocalForwarding yes (and no DisableForwarding), then systemctl reload ssh",
  },
};

/** Docker cannot be asked, for a reason that can be put right on the host. */
export class DockerTrouble extends SlipwayError {
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, story: Story, options?: ErrorOptions) {
    super(story, options);
    this.kind = kind;
  }
}

/** The story of a channel to Docker's socket that could not be opened. */
export async function dockerTrouble(connection: Connection, error: Error): Promise<Error> {
  const seen = await look(connection);
  if (!isKind(seen)) return error;
  const trouble = TROUBLES[seen];
  const { host, user } = connection;
  return new DockerTrouble(
    seen,
    {
      what: trouble.what(user),
      host,
      evidence: [`${DOCKER_SOCKET}: ${error.message.replace("(SSH) Channel open failure: ", "")}`],
      servesNow: `what served before; Docker on ${host} could not be asked`,
      next: trouble.next(user),
    },
    { cause: error },
  );
}

const isKind = (seen: string): seen is TroubleKind => Object.hasOwn(TROUBLES, seen);

async function look(connection: Connection): Promise<string> {
  const { stdout } = await run(connection, ["sh", "-c", LOOK, "slipway-look", DOCKER_SOCKET], { deadline: Deadline.in(10) });
  return stdout.trim();
}

/** Did sshd refuse the channel? */
export const isChannelRefused = (error: unknown): error is Error =>
  error instanceof Error && error.message.startsWith("(SSH) Channel open failure");
