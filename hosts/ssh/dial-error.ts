import { SlipwayError, type Story } from "../../core/error.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { Seconds } from "../../core/words.ts";
import type { Hop } from "./hop.ts";
import { fingerprint, type HostKey, pinText } from "./host-keys.ts";

/** A failure that may be over in a moment: the server is starting, or sheds load. */
export class TransientDialError extends Error {
  override readonly name = "TransientDialError";
  readonly story: SlipwayError;

  /** Nothing listens, as opposed to a server that sheds load. */
  readonly refused: boolean;

  constructor(story: SlipwayError, kind: "refused" | "closed") {
    super(story.message, { cause: story });
    this.story = story;
    this.refused = kind === "refused";
  }
}

const where = ({ address, port }: Hop): string => `${address.includes(":") ? `[${address}]` : address}:${port}`;

/** The step at which a connection failed. A new machine passes through these in this order, and may take a while at each. */
export type Obstacle = "name" | "route" | "silent" | "refused" | "closed" | "login" | "distrust";

/** A host that cannot be reached. Whether it is down or only busy is unknown. */
export class Unreachable extends SlipwayError {
  readonly obstacle: Obstacle;

  constructor(story: Story, options?: ErrorOptions, obstacle: Obstacle = "silent") {
    super(story, options);
    this.obstacle = obstacle;
  }
}

/** What an obstacle is called where errors are looked up. */
const CODES: Readonly<Record<Obstacle, ErrorCode>> = {
  name: "HOST_UNREACHABLE",
  route: "HOST_UNREACHABLE",
  silent: "HOST_UNREACHABLE",
  refused: "HOST_UNREACHABLE",
  closed: "HOST_UNREACHABLE",
  login: "LOGIN_REFUSED",
  distrust: "HOST_KEY_REFUSED",
};

function unreachable(
  hop: Hop,
  obstacle: Obstacle,
  what: string,
  next: string,
  evidence: readonly string[] = [],
  cause?: unknown,
): SlipwayError {
  return new Unreachable(storyOf(hop, obstacle, what, next, evidence), cause === undefined ? undefined : { cause }, obstacle);
}

const storyOf = (hop: Hop, obstacle: Obstacle, what: string, next: string, evidence: readonly string[]): Story => ({
  code: CODES[obstacle],
  what: hop.isJump ? `jump host ${hop.name}: ${what}` : what,
  ...(hop.isJump ? {} : { host: hop.name }),
  evidence,
  servesNow: `what served before; ${hop.name} could not be asked`,
  next,
});

/** What a failed socket means, by its error code. */
export function socketError(hop: Hop, error: NodeJS.ErrnoException): SlipwayError | TransientDialError {
  const code = error.code ?? "";
  const known = SOCKET_STORIES[code];
  if (known === undefined)
    return unreachable(hop, "route", `no SSH connection to ${where(hop)}`, `try: ${sshCommand(hop)}`, [error.message], error);
  const story = unreachable(hop, known.obstacle, known.what(hop), known.next(hop), [], error);
  return known.transient === "no" ? story : new TransientDialError(story, known.transient);
}

const sshCommand = ({ user, address, port }: Hop): string => `ssh ${port === 22 ? "" : `-p ${port} `}${user}@${address}`;

interface SocketStory {
  readonly obstacle: Obstacle;
  readonly what: (hop: Hop) => string;
  readonly next: (hop: Hop) => string;
  /** Whether it may be over in a moment, and how it failed. */
  readonly transient: "no" | "refused" | "closed";
}

const nameUnknown: SocketStory = {
  obstacle: "name",
  what: ({ address }) => `the name ${address} does not resolve`,
  next: ({ name }) => `correct the address of ${name}, or its DNS record`,
  transient: "no",
};
const noRoute: SocketStory = {
  obstacle: "route",
  what: (hop) => `no route to ${where(hop)}`,
  next: () => "check the network, VPN or firewall between this machine and the host",
  transient: "no",
};
const silent: SocketStory = {
  obstacle: "silent",
  what: (hop) => `${where(hop)} does not answer`,
  next: () => "check that the host is up and that no firewall blocks this port and address",
  transient: "no",
};
const refused: SocketStory = {
  obstacle: "refused",
  what: (hop) => `${where(hop)} refused the connection`,
  next: () => "check that sshd is running on the host and listens on this port: systemctl status ssh",
  transient: "refused",
};
const reset: SocketStory = {
  obstacle: "closed",
  what: (hop) => `${where(hop)} closed the connection during the SSH handshake`,
  next: () => "check sshd on the host (MaxStartups, fail2ban, hosts.deny): journalctl -u ssh",
  transient: "closed",
};

const SOCKET_STORIES: Readonly<Record<string, SocketStory>> = {
  ENOTFOUND: nameUnknown,
  EAI_AGAIN: nameUnknown,
  EAI_NODATA: nameUnknown,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  EHOSTDOWN: noRoute,
  EADDRNOTAVAIL: noRoute,
  ETIMEDOUT: silent,
  ECONNREFUSED: refused,
  ECONNRESET: reset,
  EPIPE: reset,
};

export const closedEarly = (hop: Hop, why: string): TransientDialError =>
  new TransientDialError(unreachable(hop, reset.obstacle, reset.what(hop), reset.next(hop), [why]), "closed");

export function jumpFailed(hop: Hop, message: string): SlipwayError {
  const why = message.replace("(SSH) Channel open failure: ", "");
  const known = BEHIND_JUMP.find(({ says }) => says.test(why));
  const next =
    known?.next(hop) ?? "check that the jump host can reach the host, and allows forwarding (AllowTcpForwarding, PermitOpen)";
  return unreachable(hop, "silent", `the jump host cannot reach ${where(hop)}`, next, [why]);
}

/** What the jump host's sshd says when it cannot open the way to the next host. */
const BEHIND_JUMP: readonly { readonly says: RegExp; readonly next: SocketStory["next"] }[] = [
  { says: /connection refused/i, next: refused.next },
  {
    says: /prohibited|not permitted|open failed$/i,
    next: () =>
      "in the jump host's sshd_config: AllowTcpForwarding yes, no DisableForwarding, and no PermitOpen that excludes the host",
  },
  {
    says: /resolve|not known|no address/i,
    next: ({ name, address }) => `correct the address of ${name}: the jump host does not resolve ${address}`,
  },
  {
    says: /no route|unreachable|timed out/i,
    next: () => "check the network and the firewall between the jump host and the host",
  },
];

export const timedOut = (hop: Hop, timeout: Seconds, stage: string): SlipwayError =>
  unreachable(hop, silent.obstacle, `no SSH connection to ${where(hop)} within ${timeout} s: ${stage}`, silent.next(hop));

export const notAuthenticated = (hop: Hop, evidence: readonly string[], next: string): SlipwayError =>
  unreachable(hop, "login", `${where(hop)} did not accept the login as ${hop.user}`, next, evidence);

export const noSharedAlgorithm = (hop: Hop, why: string): SlipwayError =>
  unreachable(
    hop,
    "distrust",
    `${where(hop)} and this machine have no SSH algorithm in common`,
    "update sshd on the host (OpenSSH 7.2 or later)",
    [why],
  );

/** Why a host key was refused. */
export interface HostKeyRefusal {
  readonly offered: HostKey;
  readonly pinned: readonly HostKey[];
  /** Where the pinned keys are set: a file or a config key. */
  readonly source: string;
  readonly revoked: boolean;
}

/** A host, or a jump host on the way to it, whose key is not trusted. */
export class HostKeyRefused extends Unreachable {
  /** How its known keys and the offered one differ. */
  readonly because: "unknown" | "different" | "revoked";

  constructor(story: Story, because: HostKeyRefused["because"]) {
    super(story, undefined, "distrust");
    this.because = because;
  }
}

export function hostKeyRefused(hop: Hop, { offered, pinned, source, revoked }: HostKeyRefusal): SlipwayError {
  const compare = `on the host: ssh-keygen -lf /etc/ssh/ssh_host_${FILE_NAMES[offered.type] ?? "*"}_key.pub`;
  const pin = `pulumi config set --path 'slipway:ssh.host_keys["${hop.name}"]' '${pinText(offered)}'`;
  const evidence = [
    `offered: ${offered.type} ${fingerprint(offered.blob)}`,
    ...(pinned.length === 0
      ? [`pinned:  none in ${source}`]
      : pinned.map((key) => `pinned:  ${key.type} ${fingerprint(key.blob)} (${source})`)),
  ];
  const [what, next] = revoked
    ? [`the host key of ${where(hop)} is marked as revoked in known_hosts`, "do not connect; find out why the key was revoked"]
    : pinned.length === 0
      ? [`the host key of ${where(hop)} is unknown`, `compare the fingerprint (${compare}), then pin it: ${pin}`]
      : [
          `the host key of ${where(hop)} has CHANGED; someone may be intercepting the connection`,
          `find out why; only if the fingerprint is right (${compare}), pin it: ${pin}`,
        ];
  const because = revoked ? "revoked" : pinned.length === 0 ? "unknown" : "different";
  return new HostKeyRefused(storyOf(hop, "distrust", what, next, evidence), because);
}

const FILE_NAMES: Readonly<Record<string, string>> = {
  "ssh-ed25519": "ed25519",
  "ssh-rsa": "rsa",
  "ecdsa-sha2-nistp256": "ecdsa",
  "ecdsa-sha2-nistp384": "ecdsa",
  "ecdsa-sha2-nistp521": "ecdsa",
};

export const badPin = (hop: Hop): SlipwayError =>
  unreachable(
    hop,
    "distrust",
    `the pinned host key of ${hop.name} is not a public key`,
    `write it as in known_hosts, without the names: pulumi config set --path 'slipway:ssh.host_keys["${hop.name}"]' 'ssh-ed25519 AAAA…'`,
  );
