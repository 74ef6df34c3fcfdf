import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { wordLines } from "../../core/text.ts";
import type { CommandResult, Host, Hosts } from "../../hosts/index.ts";
import { asRoot, wasRefusedRoot } from "../../hosts/index.ts";
import { orUnreachable } from "../steps/finding.ts";
import type { FoundHardening, HardeningInputs } from "./inputs.ts";
import { OBSERVE_SCRIPT } from "./script.ts";
import { wayIn } from "./way-in.ts";

/** One command; throws when the host is unreachable. */
export async function observeHardening({ user }: HardeningInputs, host: Host): Promise<FoundHardening> {
  const ran = await host.run(asRoot(host.address, ["sh", "-c", OBSERVE_SCRIPT, "slipway-hardening", user]));
  if (wasRefusedRoot(ran)) return { kind: "forbidden", as: host.address.user, reason: ran.stderr.trim() };
  return parse(ran, host);
}

export const readHardening = (inputs: HardeningInputs, hosts: Hosts): Promise<FoundHardening> =>
  orUnreachable(inputs.host.name, async () => observeHardening(inputs, await wayIn(inputs, hosts)));

function parse({ stdout, stderr }: CommandResult, { name, address }: Host): FoundHardening {
  const all = wordLines(stdout);
  const sshd = Object.fromEntries(all("sshd").map((line) => /^(\S*) ?(.*)$/.exec(line)?.slice(1) ?? []));
  if (Object.keys(sshd).length === 0) throw noSshd(name, stderr);
  const [docker, dropIn] = [all("docker")[0], all("file")[0]?.split(" ")[0]];
  return {
    kind: "present",
    as: address.user,
    sudo: all("sudo").length > 0,
    ...(docker === undefined ? {} : { docker: docker === "in" }),
    sshd: Object.fromEntries(KEYS.map((key) => [key, sshd[key] ?? "unset"])),
    ...(dropIn === undefined ? {} : { dropIn }),
    ...(all("unconfirmed").length === 0 ? {} : { unconfirmed: true }),
  };
}

const KEYS = ["permitrootlogin", "passwordauthentication", "kbdinteractiveauthentication", "pubkeyauthentication"] as const;

const noSshd = (host: string, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "HARDENING_FAILED",
    what: "sshd does not print its configuration: it is not OpenSSH, or its configuration is invalid",
    host,
    evidence: stderr.trim().split("\n").slice(0, 5),
    servesNow: NOTHING_TOUCHED,
    next: `see why, on ${host}, as root: sshd -T`,
  });
