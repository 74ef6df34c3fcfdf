import { SlipwayError } from "../../core/error.ts";
import { wordLines } from "../../core/text.ts";
import type { CommandResult, Host } from "../../hosts/index.ts";
import { asRoot, wasRefusedRoot } from "../../hosts/index.ts";
import { orUnreachable } from "../steps/finding.ts";
import { BOOT_FILES } from "./boot.ts";
import type { FoundFirewall, Rules } from "./inputs.ts";
import { foundRules } from "./rules.ts";
import { OBSERVE_SCRIPT } from "./script.ts";

/** sudo does not pass on the environment, and only sshd knows on which of its ports we are connected. */
const WITH_CONNECTION = 'command=$1 files=$2; shift 2; exec "$@" sh -c "$command" slipway-firewall "$SSH_CONNECTION" $files';

/** One command; throws when the host is unreachable. */
export async function observeFirewall(host: Host): Promise<FoundFirewall> {
  const files = BOOT_FILES.join(" ");
  const ran = await host.run([
    "sh",
    "-c",
    WITH_CONNECTION,
    "slipway-firewall",
    OBSERVE_SCRIPT,
    files,
    ...asRoot(host.address, ["env"]),
  ]);
  if (wasRefusedRoot(ran)) return { kind: "forbidden", reason: ran.stderr.trim() };
  return parse(ran, host);
}

export const readFirewall = (host: Host): Promise<FoundFirewall> => orUnreachable(host.name, () => observeFirewall(host));

function parse({ code, stdout, stderr }: CommandResult, host: Pick<Host, "name" | "address">): FoundFirewall {
  const all = wordLines(stdout);
  if (all("without").length > 0) return { kind: "without" };
  const [broken] = all("broken");
  if (code !== 0 || broken !== undefined) throw cannotList(host.name, broken ?? stderr.trim());
  const families: Record<string, Rules> = {};
  let owner: string | undefined;
  for (const family of all("family")) {
    const { owner: by, ...rules } = foundRules(all(`rule ${family}`));
    families[family] = rules;
    owner ??= by;
  }
  const [, , , port] = (all("ssh")[0] ?? "").split(" ");
  const systemd = all("systemd")[0];
  return {
    kind: "present",
    ...(owner === undefined ? {} : { owner }),
    interfaces: [...new Set(all("interface"))].sort(),
    sshPort: Number(port) || host.address.port,
    families,
    kept: Object.fromEntries(
      all("file")
        .map((line) => line.split(/\s+/))
        .map(([sum = "", path = ""]) => [path, sum]),
    ),
    systemd: systemd === "on" || systemd === "off" ? systemd : "absent",
    ...(all("unconfirmed").length === 0 ? {} : { unconfirmed: true }),
  };
}

const cannotList = (host: string, reason: string): SlipwayError =>
  new SlipwayError({
    code: "FIREWALL_FAILED",
    what: "the firewall's rules cannot be listed",
    host,
    evidence: reason === "" ? [] : [reason],
    servesNow: "what served before; nothing was changed",
    next: `see why, on ${host}, as root: iptables -S; ip6tables -S`,
  });
