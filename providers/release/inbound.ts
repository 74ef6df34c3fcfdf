import { together } from "../../core/together.ts";
import { type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import { addressesAt, type Inbound, knockInbound, silenceIn } from "../exposure/inbound.ts";
import type { Run } from "../pulumi/provider.ts";
import type { Fleet } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Targets } from "./targets.ts";

/**
 * After the first release on a host: whether visitors get to its proxy, as far as this machine can say. Only a warning: the release serves,
 * and a firewall in front of it may be meant. Never fails; a port that answers costs one round trip.
 */
export async function tryInbound({ roles }: ReleaseInputs, before: Fleet, targets: Targets, run: Run): Promise<void> {
  const fresh = [...targets.values()].filter(({ name }) => {
    const found = before[name];
    return found?.kind === "reached" && found.routes.length === 0;
  });
  await together(fresh, async (host) => {
    const routes = Object.values(roles).flatMap(({ proxy, hosts }) => (hosts.includes(host.name) ? (proxy ?? []) : []));
    if (routes.length === 0) return;
    const secured = routes.some(({ tls }) => tls.kind !== "off");
    // What could not be tried is not known, and the next doctor says so.
    const seen = await tryOne(host, secured).catch((): Inbound[] => []);
    const silence = silenceIn(seen, host.address);
    if (silence !== undefined) run.report.warn(`${host.name}: ${silence.found}\n  next: ${silence.next}`);
  });
}

async function tryOne(host: Host, secured: boolean): Promise<Inbound[]> {
  const { address, port: ssh } = host.address;
  const [proxy, addresses] = await Promise.all([host.docker.inspect(KAMAL_PROXY.container), addressesAt(address)]);
  const wanted = secured ? [80, 443] : [80];
  const ports = (proxy?.ports ?? []).filter(({ container }) => wanted.includes(container)).map(({ hostPort }) => hostPort);
  const answers = await knockInbound(addresses, [...new Set([ssh, ...ports])]);
  // Without an answer there, the way to this host is a jump host or a VPN, which is not the way of its visitors.
  const isDirect = answers.some((one) => one.port === ssh && one.answer === "open");
  return isDirect ? answers.filter((one) => one.port !== ssh) : [];
}
