import { createHash } from "node:crypto";
import { FAMILIES, type Family } from "../../core/range.ts";
import type { FirewallInputs, ObservedFirewall } from "./inputs.ts";
import { restoreText } from "./rules.ts";
import { LOAD } from "./script.ts";

export const FOLDER = "/etc/slipway";
export const UNIT = "slipway-firewall.service";
const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
const SCRIPT_FILE = `${FOLDER}/firewall.sh`;
const rulesFile = (family: Family): string => `${FOLDER}/firewall.${family}`;

/** All files that may exist. */
export const BOOT_FILES: readonly string[] = [UNIT_FILE, SCRIPT_FILE, ...FAMILIES.map(rulesFile)];

/** Runs before the network is up, and after other services that write rules at boot, since they may begin by flushing the table. */
const UNIT_TEXT = `# Written by Slipway.
[Unit]
Description=Slipway firewall: what is reachable from outside
DefaultDependencies=no
After=local-fs.target nftables.service netfilter-persistent.service iptables.service ip6tables.service ufw.service
Before=network-pre.target docker.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${SCRIPT_FILE}

[Install]
WantedBy=multi-user.target
`;

const SCRIPT_TEXT = `# Written by Slipway: loads its rules at boot.
${LOAD}
for family in ${FAMILIES.join(" ")}; do
  rules=${FOLDER}/firewall.$family
  [ ! -s "$rules" ] || load "$family" "$rules" || failed=1
done
[ -z "$failed" ]
`;

export interface BootFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** The files that load the rules at boot. */
export function bootFiles(wanted: FirewallInputs, seen: ObservedFirewall): BootFile[] {
  const rules = FAMILIES.filter((family) => seen.families[family] !== undefined).map((family) => ({
    path: rulesFile(family),
    mode: 0o600,
    content: restoreText(wanted, seen, family),
  }));
  return [
    ...rules,
    { path: SCRIPT_FILE, mode: 0o600, content: SCRIPT_TEXT },
    { path: UNIT_FILE, mode: 0o644, content: UNIT_TEXT },
  ];
}

export const sumOf = (content: string): string => createHash("sha256").update(content).digest("hex");
