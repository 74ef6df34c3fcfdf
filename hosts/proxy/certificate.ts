import { once } from "node:events";
import type { Duplex } from "node:stream";
import { z } from "zod";
import type { Deadline } from "../../core/deadline.ts";
import { parseJson } from "../../core/text.ts";
import type { Docker } from "../docker/docker.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";
import { KAMAL_PROXY } from "./names.ts";

/** A certificate as visitors get it. */
export interface ServedCertificate {
  /** `Let's Encrypt R11` */
  readonly issuer: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** The part of `Host` that is needed. */
interface ProxyHost {
  readonly docker: Docker;
  tunnel(to: { readonly address: string; readonly port: number }, deadline: Deadline): Promise<Duplex>;
}

/** Inside its container, whatever is published. */
const HTTPS_PORT = 443;

/**
 * The certificate that the proxy shows for a name: one TLS handshake through the SSH connection, as any visitor makes it. With a
 * certificate from Let's Encrypt, the first handshake for a name makes the proxy ask for one, and waits for it.
 * Rejects with a short error: the proxy has none, or does not answer.
 */
export async function servedCertificate(host: ProxyHost, name: string, deadline: Deadline): Promise<ServedCertificate> {
  const container = await host.docker.inspect(KAMAL_PROXY.container);
  const address = container?.addresses[KAMAL_PROXY.network];
  if (address === undefined) throw new Error("kamal-proxy is not running");
  const channel = await host.tunnel({ address, port: HTTPS_PORT }, deadline);
  // Few commands need it.
  const { connect } = await import("node:tls");
  // It is shown, not trusted, and nothing is sent.
  const options = { socket: channel, servername: oneOf(name), rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] };
  const socket = connect(options);
  // An error after the handshake must not end the process.
  socket.on("error", () => {});
  try {
    await deadline.race(once(socket, "secureConnect"), () => new Error("no certificate in time"));
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error("no certificate");
    return { issuer: issuerText(certificate.issuer), expiresAt: new Date(certificate.validTo).toISOString() };
  } catch (error) {
    throw error instanceof ConnectionLost || !isAlert(error)
      ? error
      : new Error("the proxy has no certificate", { cause: error });
  } finally {
    socket.destroy();
    channel.destroy();
  }
}

/** A name that a wildcard stands for. */
const oneOf = (name: string): string => name.replace(/^\*\./, "www.");

/** Go answers with an alert where it has no certificate. */
const isAlert = (error: unknown): boolean => error instanceof Error && /alert|ECONNRESET|disconnected/i.test(error.message);

/** @param issuer lines like `O=Let's Encrypt` @example "Let's Encrypt R11" */
export function issuerText(issuer: string): string {
  const part = (key: string) =>
    issuer
      .split("\n")
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1);
  const [organization, name] = [part("O"), part("CN")];
  return [organization, name].filter((text) => text !== undefined).join(" ") || "an unknown issuer";
}

/** How many of its last lines are searched: a busy proxy writes one for each request. */
const LOG_LINES = 500;

/** Why the proxy got no certificate for that name, as its log has it. */
export async function certificateRefusal(host: Pick<ProxyHost, "docker">, name: string): Promise<string | undefined> {
  const lines = await host.docker.lastLogs(KAMAL_PROXY.container, LOG_LINES);
  return refusalIn(lines, name);
}

const HANDSHAKE = /TLS handshake error from \S+ (.*)$/s;
/** What says nothing about certificates: visitors who went away, or asked for another site. */
const NOT_ABOUT_IT =
  /^(EOF$|remote error|read tcp|write tcp|client|tls:|unknown server name|no server name)|^acme\/autocert: missing certificate$/;

/**
 * The last reason for that name in the proxy's log; else the last one that names no other, such as Let's Encrypt being out of reach. Pure.
 */
export function refusalIn(lines: readonly string[], name: string): string | undefined {
  const reasons = lines
    .flatMap((line) => HANDSHAKE.exec(messageIn(line))?.[1] ?? [])
    .filter((reason) => !NOT_ABOUT_IT.test(reason));
  const named = reasons.filter((reason) => reason.split(/[^\w.*-]+/).includes(name));
  return named.at(-1) ?? reasons.filter((reason) => !/domain "|dns: /.test(reason)).at(-1);
}

/** The proxy logs JSON. */
function messageIn(line: string): string {
  const entry = LogEntry.safeParse(parseJson(line));
  return entry.success ? entry.data.msg : "";
}

const LogEntry = z.object({ msg: z.string() });
