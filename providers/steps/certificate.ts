import { daysLeft } from "../../core/days.ts";
import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { RouteOptions } from "../../core/route.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import { ConnectionLost, certificateRefusal, type Host, type ServedCertificate, servedCertificate } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";

/** What visitors get for a name on one host. */
export type SeenCertificate =
  | ({ readonly kind: "served" } & ServedCertificate)
  | { readonly kind: "none"; readonly why: string; readonly next: string };

/** One TLS handshake with the host's proxy; where there is no certificate, the proxy's log says why. */
export async function lookAtCertificate(host: Host, name: string, within: Seconds): Promise<SeenCertificate> {
  try {
    return { kind: "served", ...(await servedCertificate(host, name, Deadline.in(within))) };
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    return {
      kind: "none",
      ...refusalStory(await certificateRefusal(host, name), { name, host: host.name, seen: messageOf(thrown) }),
    };
  }
}

/** A name whose certificate the proxy of a host gets from Let's Encrypt. */
export interface Awaited {
  readonly host: HostName;
  readonly name: string;
  /** Whether the route had it before this run. */
  readonly isNew: boolean;
}

type Served = Pick<RouteOptions, "hosts" | "tls">;

/** Those of one route. Pure. @param before the route that was there before this run */
export function awaitedOn(host: HostName, wanted: Served | undefined, before: Served | undefined): Awaited[] {
  if (wanted?.tls.kind !== "acme") return [];
  const had = before?.tls.kind === "acme" ? before.hosts : [];
  return wanted.hosts.map((name) => ({ host, name, isNew: !had.includes(name) }));
}

/** Let's Encrypt usually takes some seconds. */
const PATIENCE: Seconds = 30;

/** Asks the proxies for certificates, says of new ones how long they last, and warns of each that is missing. Never fails. */
export async function askFor(
  awaited: readonly Awaited[],
  hostAt: (name: HostName) => Host | undefined,
  { report }: Run,
): Promise<void> {
  if (awaited.length === 0) return;
  const names = [...new Set(awaited.map(({ name }) => name))];
  report.status(`certificates of ${names.join(", ")}: asking the proxy (≤ ${PATIENCE} s)`);
  await Promise.all(
    awaited.map(async ({ host: hostName, name, isNew }) => {
      const host = hostAt(hostName);
      // Where the connection broke, the next status says what is served.
      const seen = host && (await lookAtCertificate(host, name, PATIENCE).catch(() => undefined));
      if (seen?.kind === "none")
        report.warn(
          `${name} has no certificate on ${hostName}: ${seen.why}\n  next: ${seen.next}; the proxy asks again when a visitor comes, a minute later at the earliest`,
        );
      else if (seen !== undefined && isNew)
        report.say(`${name}: certificate of ${seen.issuer}, ${daysLeft(seen.expiresAt, new Date())} days left`);
    }),
  );
}

/** Where a certificate is missing, and what the handshake showed of it. */
interface Missing {
  readonly name: string;
  readonly host: HostName;
  readonly seen: string;
}

interface Story {
  readonly why: string;
  readonly next: string;
}

/** Errors of Let's Encrypt, by the names that RFC 8555 gives them. */
const NEXT: Readonly<Record<string, (missing: Missing) => string>> = {
  rateLimited: () => "wait as long as it says; until the name works, try with slipway:proxy.ssl_staging: true",
  rejectedIdentifier: () => "use another name, or a certificate of your own in slipway:proxy.ssl",
  caa: ({ name }) => `let the CAA record of ${name} allow letsencrypt.org`,
};

/** What to make of a line in kamal-proxy's log. Pure. @param reason undefined: the log says nothing */
export function refusalStory(reason: string | undefined, missing: Missing): Story {
  const { name, host, seen } = missing;
  if (reason === undefined) return { why: seen, next: `docker logs kamal-proxy on ${host}` };
  if (reason.includes("no viable challenge type"))
    return {
      why: `Let's Encrypt did not reach the proxy as ${name}, neither on port 443 nor on port 80`,
      next: `check that ${name} leads to ${host} (slipway doctor asks the DNS) and that its ports 80 and 443 are open to everyone`,
    };
  const problem = /urn:ietf:params:acme:error:(\w+): ([^;\n]*)/.exec(reason);
  if (problem !== null) {
    const [, kind = "", detail = ""] = problem;
    return {
      why: `Let's Encrypt refused it: ${detail.trim()}`,
      next: NEXT[kind]?.(missing) ?? `docker logs kamal-proxy on ${host} has the whole answer (${kind})`,
    };
  }
  return {
    why: `Let's Encrypt could not be asked: ${reason}`,
    next: `let the containers of ${host} reach acme-v02.api.letsencrypt.org on port 443, and its DNS`,
  };
}
