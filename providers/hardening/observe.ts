import { NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import { asRoot, type Host, type Hosts, type Ran, wasRefusedRoot } from "../../hosts/index.ts";
import type { FoundHardening, HardeningInputs } from "./inputs.ts";
import { LOOK } from "./script.ts";
import { wayIn } from "./way-in.ts";

/** What is there, in one call; throws when the host cannot be asked. */
export async function observeHardening({ user }: HardeningInputs, host: Host): Promise<FoundHardening> {
  const ran = await host.run(asRoot(host.address, ["sh", "-c", LOOK, "slipway-hardening", user]));
  if (wasRefusedRoot(ran)) return { is: "forbidden", as: host.address.user, reason: ran.stderr.trim() };
  return parseLook(ran, host);
}

/** For a look that changes nothing: a host that cannot be asked is a finding. */
export async function readHardening(inputs: HardeningInputs, hosts: Hosts): Promise<FoundHardening> {
  try {
    return await observeHardening(inputs, await wayIn(inputs, hosts));
  } catch (thrown) {
    return { is: "unreachable", reason: reasonOf(thrown, inputs.host.name) };
  }
}

function parseLook({ stdout, stderr }: Ran, { name, address }: Host): FoundHardening {
  const lines = stdout.split("\n").map((line) => line.split(" "));
  const all = (word: string): string[][] => lines.flatMap(([first, ...rest]) => (first === word ? [rest] : []));
  const sshd = Object.fromEntries(all("sshd").map(([key = "", ...value]) => [key, value.join(" ")]));
  if (Object.keys(sshd).length === 0) throw noSshd(name, stderr);
  const [docker, dropIn] = [all("docker")[0]?.[0], all("file")[0]?.[0]];
  return {
    is: "there",
    as: address.user,
    sudo: all("sudo").length > 0,
    ...(docker === undefined ? {} : { docker: docker === "in" }),
    sshd: Object.fromEntries(KEYS.map((key) => [key, sshd[key] ?? "unset"])),
    ...(dropIn === undefined ? {} : { dropIn }),
  };
}

const KEYS = ["permitrootlogin", "passwordauthentication", "kbdinteractiveauthentication", "pubkeyauthentication"] as const;

const noSshd = (host: string, stderr: string): SlipwayError =>
  new SlipwayError({
    what: "sshd does not tell its configuration: it is not OpenSSH, or its configuration is broken",
    host,
    evidence: stderr.trim().split("\n").slice(0, 5),
    servesNow: NOTHING_TOUCHED,
    next: `see why, on ${host}, as root: sshd -T`,
  });
