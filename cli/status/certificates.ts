import { daysLeft } from "../../core/days.ts";
import type { RouteOptions } from "../../core/route.ts";
import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { lookAtCertificate, type SeenCertificate } from "../../providers/steps/certificate.ts";
import type { CertificateReport } from "./report.ts";

/** A certificate that the proxy has is there in a moment. */
const PATIENCE: Seconds = 3;

/** A host name that is served over HTTPS. */
export interface SecuredName {
  readonly name: string;
  readonly automatic: boolean;
}

/** Each name once. Pure. */
export function securedIn(routes: readonly Pick<RouteOptions, "hosts" | "tls">[]): SecuredName[] {
  const secured = routes.filter(({ tls }) => tls.kind !== "off");
  const names = secured.flatMap(({ hosts, tls }) => hosts.map((name) => [name, tls.kind === "acme"] as const));
  return [...new Map(names)].map(([name, automatic]) => ({ name, automatic })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One TLS handshake for each name, through the SSH connection. */
export function certificatesOn(host: Host, names: readonly SecuredName[], now: Date): Promise<CertificateReport[]> {
  return Promise.all(names.map(async (name) => reportOf(name, await lookAtCertificate(host, name.name, PATIENCE), now)));
}

function reportOf(secured: SecuredName, seen: SeenCertificate, now: Date): CertificateReport {
  if (seen.kind === "none") {
    const { why, next } = seen;
    return { ...secured, issuer: null, expires_at: null, days_left: null, missing: { why, next } };
  }
  const { issuer, expiresAt } = seen;
  return { ...secured, issuer, expires_at: expiresAt, days_left: daysLeft(expiresAt, now), missing: null };
}
