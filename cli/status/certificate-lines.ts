import { styleText } from "node:util";
import type { HostName } from "../../core/words.ts";
import type { CertificateReport, StatusReport } from "./report.ts";

/** kamal-proxy renews when a third of a certificate's life is left: 30 days of 90, 15 of 45. Less than this means that it could not. */
const SOON_DAYS = 14;

/** A host, and what its proxy shows to visitors. */
type Shown = Pick<StatusReport["hosts"][number], "host" | "certificates">;

/** One line for each certificate, with the hosts that show it. */
export function certificates({ hosts }: { readonly hosts: readonly Shown[] }): string[] {
  const all = hosts.flatMap(({ host, certificates }) => certificates.map((certificate) => ({ host, certificate })));
  const groups = Map.groupBy(all, ({ certificate }) => JSON.stringify(certificate));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : linesOf(
          first.certificate,
          group.map(({ host }) => host),
        );
  });
}

function linesOf({ name, automatic, issuer, days_left: days, missing }: CertificateReport, hosts: readonly HostName[]): string[] {
  const where = hosts.join(", ");
  if (missing !== null)
    return [
      `tls      ${styleText("red", `✘ ${name}: no certificate on ${where}`)}`,
      `           ${missing.why}`,
      `           next: ${missing.next}`,
    ];
  if (days === null) return [];
  const line = `${name}: ${leftText(days)} (${issuer}) on ${where}`;
  if (days >= SOON_DAYS) return [`tls      ${line}`];
  const next = automatic
    ? // A failed renewal is not in the proxy's log.
      `the proxy renews it when a third of its life is left, and tries again every hour: check that ${name} leads to ${hosts[0]} (slipway doctor) and that its ports 80 and 443 are open to everyone`
    : "set a new one in the secrets that slipway:proxy.ssl names, then pulumi up";
  return [`tls      ${styleText(days < 0 ? "red" : "yellow", `${days < 0 ? "✘" : "!"} ${line}`)}`, `           next: ${next}`];
}

function leftText(days: number): string {
  if (days < 0) return "expired";
  if (days === 0) return "less than a day left";
  return days === 1 ? "1 day left" : `${days} days left`;
}
