import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { Deadline } from "../../core/deadline.ts";
import type { Access } from "./access.ts";
import { Authentication, gatherIdentities } from "./authentication.ts";
import {
  badPin,
  closedEarly,
  type HostKeyRefusal,
  hostKeyRefused,
  noSharedAlgorithm,
  notAuthenticated,
  socketError,
  timedOut,
} from "./dial-error.ts";
import type { Hop } from "./hop.ts";
import { algorithmsFor, type HostKey, hostKeyOf, knownKeys, parseKnownHosts, parsePin, sameKey } from "./host-keys.ts";
import { readIfPresent } from "./ssh-config.ts";

/** A TCP connection without Nagle's algorithm, which would delay each call by 40–50 ms. */
export async function dialTcp(hop: Hop, deadline: Deadline, access: Access): Promise<Socket> {
  const socket = connect({ host: hop.address, port: hop.port, noDelay: true });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) => reject(socketError(hop, error)));
  });
  try {
    await deadline.race(connected, () => timedOut(hop, access.connectTimeout, "the port does not answer"));
    return socket;
  } catch (error) {
    connected.catch(() => {});
    socket.on("error", () => {}).destroy();
    throw error;
  }
}

/** The SSH handshake over `socket`: verifies the host, then authenticates. @param seen gets the host's key, trusted or not */
export async function handshake(
  hop: Hop,
  socket: Duplex,
  deadline: Deadline,
  access: Access,
  seen: (key: HostKey) => void,
): Promise<Client> {
  const [trust, identities, ssh2] = await Promise.all([trustIn(hop), gatherIdentities(hop, access), import("ssh2")]);
  const authentication = new Authentication(hop.user, identities);
  const client = new ssh2.default.Client();
  let refusal: HostKeyRefusal | undefined;
  let verified = false;
  let lastError: Error | undefined;

  const failure = (why: string): Error => {
    if (refusal !== undefined) return hostKeyRefused(hop, refusal);
    if (authentication.exhausted || (verified && isAuthenticationEnd(why)))
      return notAuthenticated(hop, authentication.evidence, authentication.next(hop.address));
    if (/no matching/i.test(why)) return noSharedAlgorithm(hop, why);
    const code = (lastError as NodeJS.ErrnoException | undefined)?.code;
    if (lastError !== undefined && typeof code === "string") return socketError(hop, lastError);
    return closedEarly(hop, why);
  };

  const up = new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.once("close", () => reject(failure(lastError?.message ?? "closed without a message")));
    client.on("error", (error: Error & { level?: string }) => {
      if (error.level === "agent") return authentication.agentFailed(error.message);
      lastError ??= error;
      if (error.level !== "client-authentication" || authentication.exhausted) reject(failure(error.message));
    });
    client.connect({
      sock: socket as Socket,
      username: hop.user,
      authHandler: authentication.handler,
      algorithms: { serverHostKey: algorithmsFor(trust.keys) as never },
      hostVerifier: (blob: Buffer) => {
        const offered = hostKeyOf(blob) ?? { type: "unknown", blob };
        seen(offered);
        refusal = judge(offered, trust);
        verified = refusal === undefined;
        return verified;
      },
      // ssh2's own timeout and keep-alive would keep the process alive; the deadline and the connection replace them.
      readyTimeout: 0,
      keepaliveInterval: 0,
    });
  });
  try {
    await deadline.race(up, () =>
      timedOut(
        hop,
        access.connectTimeout,
        verified ? "authentication did not finish" : "the port accepts connections, but does not answer as SSH",
      ),
    );
    return client;
  } catch (error) {
    up.catch(() => {});
    client.destroy();
    throw error;
  }
}

/** sshd closes the connection after MaxAuthTries. */
const isAuthenticationEnd = (why: string): boolean => /authentication/i.test(why);

interface Trust {
  readonly keys: readonly HostKey[];
  readonly revoked: readonly HostKey[];
  readonly source: string;
}

/** The pinned key of the config alone, or without one, known_hosts. Nothing is trusted on first use. */
async function trustIn(hop: Hop): Promise<Trust> {
  const lines = (await Promise.all(hop.knownHosts.map(readIfPresent))).flatMap(parseKnownHosts);
  const known = knownKeys(lines, hop.knownAs, hop.knownAs === hop.address ? hop.port : 22);
  const files = hop.knownHosts.join(", ") || "known_hosts";
  if (hop.hostKey === undefined) return { keys: known.trusted, revoked: known.revoked, source: files };
  const pin = parsePin(hop.hostKey);
  if (pin === undefined) throw badPin(hop);
  return { keys: [pin], revoked: known.revoked, source: "slipway:ssh.host_keys" };
}

function judge(offered: HostKey, { keys, revoked, source }: Trust): HostKeyRefusal | undefined {
  const is = (key: HostKey) => sameKey(key, offered);
  if (revoked.some(is)) return { offered, pinned: keys, source, revoked: true };
  return keys.some(is) ? undefined : { offered, pinned: keys, source, revoked: false };
}
