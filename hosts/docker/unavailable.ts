import { Deadline } from "../../core/deadline.ts";
import { SlipwayError, type Story } from "../../core/error.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";
import { DOCKER_SOCKET } from "./socket.ts";

/**
 * Run once, after a failure: sshd reports all of these causes with the same message. If Docker listens on its socket and this user may
 * connect to it, sshd itself forbids the forwarding. Only root may ask it by which settings; they follow, a line each.
 */
const DIAGNOSE = `
if [ -S "$1" ]; then
  if ! [ -r "$1" ] || ! [ -w "$1" ]; then echo forbidden
  elif grep -Eq ' 00010000 .* (/var)?/run/docker.sock$' /proc/net/unix; then
    echo prohibited
    sshd=$(command -v sshd || echo /usr/sbin/sshd)
    as=; [ "$(id -u)" = 0 ] || as="sudo -n"
    $as "$sshd" -T -C "user=$2,host=localhost,addr=127.0.0.1" 2>/dev/null </dev/null |
      grep -Ei '^(allowtcpforwarding (no|remote)|allowstreamlocalforwarding (no|remote)|disableforwarding yes|permitopen [^a])'
  else echo stopped; fi
elif [ -e /usr/bin/dockerd ] || [ -e /usr/sbin/dockerd ] || [ -e /usr/local/bin/dockerd ] || command -v dockerd docker >/dev/null 2>&1; then
  echo stopped
else
  echo missing
fi
`;

/** What the host says when Docker's socket cannot be reached. */
type Found = "forbidden" | "stopped" | "missing" | "prohibited";
type Cause = Found | "silent";

interface CauseStory {
  readonly what: (user: string) => string;
  readonly next: (user: string, evidence: readonly string[]) => string;
}

const CAUSES: Readonly<Record<Found, CauseStory>> = {
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
    next: (user, settings) =>
      settings.length > 0
        ? `on the host, in sshd_config, for ${user}: ${settings.map(remedyFor).join(", ")}; then systemctl reload ssh`
        : `on the host, in sshd_config, for ${user}: AllowStreamLocalForwarding yes, AllowTcpForwarding yes (OpenSSH needs both), no DisableForwarding and no PermitOpen; in authorized_keys no restrict or no-port-forwarding before the key; then systemctl reload ssh`,
  },
};

/** What allows what this setting of sshd forbids. @example remedyFor("permitopen none") // "no PermitOpen" */
function remedyFor(setting: string): string {
  const name = SETTINGS.find((known) => setting.toLowerCase().startsWith(known.toLowerCase())) ?? setting;
  return name.startsWith("Allow") ? `${name} yes` : `no ${name}`;
}

const SETTINGS = ["AllowTcpForwarding", "AllowStreamLocalForwarding", "DisableForwarding", "PermitOpen"] as const;

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
  const [kind = "", ...settings] = await diagnose(connection);
  if (!isCause(kind)) return error;
  const { what, next } = CAUSES[kind];
  const { host, user } = connection;
  return new DockerUnavailable(
    kind,
    {
      code: "DOCKER_UNAVAILABLE",
      what: what(user),
      host,
      evidence: [
        `${DOCKER_SOCKET}: ${error.message.replace("(SSH) Channel open failure: ", "")}`,
        ...settings.map((setting) => `sshd -T: ${setting}`),
      ],
      servesNow: `what served before; Docker on ${host} could not be asked`,
      next: next(user, settings),
    },
    { cause: error },
  );
}

/** Docker accepted the call and did not answer in time. Its containers may run on. */
export const dockerSilent = ({ host }: Connection, error: Error): DockerUnavailable =>
  new DockerUnavailable(
    "silent",
    {
      code: "DOCKER_UNAVAILABLE",
      what: `Docker on ${host} does not answer`,
      host,
      evidence: [error.message],
      servesNow: `what served before; Docker on ${host} could not be asked`,
      next: "on the host: systemctl status docker, and what it waits for (journalctl -u docker, disk, memory); then run it again",
    },
    { cause: error },
  );

const isCause = (word: string): word is Found => Object.hasOwn(CAUSES, word);

const diagnoses = new WeakMap<Connection, Promise<readonly string[]>>();

/** Calls that fail at the same time have one cause. */
function diagnose(connection: Connection): Promise<readonly string[]> {
  const asked = diagnoses.get(connection);
  if (asked !== undefined) return asked;
  const argv = ["sh", "-c", DIAGNOSE, "slipway-diagnose", DOCKER_SOCKET, connection.user];
  const answer = run(connection, argv, { deadline: Deadline.in(10) })
    .then(({ stdout }) => stdout.trim().split("\n"))
    .finally(() => diagnoses.delete(connection));
  diagnoses.set(connection, answer);
  return answer;
}

/** Whether sshd refused the channel. */
export const isChannelRefused = (error: unknown): error is Error =>
  error instanceof Error && error.message.startsWith("(SSH) Channel open failure");
