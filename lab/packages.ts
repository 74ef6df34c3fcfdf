import { access } from "node:fs/promises";
import { SlipwayError } from "../core/error.ts";
import { command } from "./command.ts";
import { timed } from "./state.ts";

/** A file that exists if a Debian package is installed, and the package. */
const NEEDED: readonly (readonly [file: string, debianPackage: string])[] = [
  ["/usr/sbin/dockerd", "docker.io"],
  ["/usr/sbin/iptables", "iptables"],
  ["/usr/sbin/debootstrap", "debootstrap"],
  ["/usr/bin/docker-registry", "docker-registry"],
  ["/usr/bin/htpasswd", "apache2-utils"],
  ["/usr/bin/openssl", "openssl"],
  ["/usr/bin/ssh-keygen", "openssh-client"],
  ["/usr/bin/tar", "tar"],
  ["/usr/bin/gpg", "gpg"],
  ["/usr/bin/gpg-agent", "gpg-agent"],
];

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Installs what the lab needs and this machine lacks. `engine`: "ours" if a Docker engine must be installed, too. */
export async function installPackages(engine: "ours" | "given"): Promise<void> {
  const missing: string[] = [];
  for (const [file, name] of NEEDED) {
    if (engine === "given" && name === "docker.io") continue;
    if (!(await exists(file))) missing.push(name);
  }
  if (missing.length === 0) return;
  await requireDebianRoot(missing);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await timed(`install ${missing.join(", ")}`, async () => {
    await command(["apt-get", "update", "-q"], { env, timeout: 300 });
    await command(["apt-get", "install", "-y", "-q", "--no-install-recommends", ...missing], { env, timeout: 600 });
  });
}

async function requireDebianRoot(missing: readonly string[]): Promise<void> {
  if (process.getuid?.() === 0 && (await exists("/usr/bin/apt-get"))) return;
  throw new SlipwayError({
    code: "TOOL_MISSING",
    what: `the lab needs ${missing.join(", ")}, and can install packages only as root on Debian`,
    servesNow: "nothing: the lab was not started",
    next: `install it, then start the lab again: apt-get install ${missing.join(" ")}`,
  });
}
