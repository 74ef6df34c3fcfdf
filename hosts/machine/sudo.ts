import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Address } from "../ssh/address.ts";

/** sudo without a password prompt. */
export const SUDO: readonly string[] = ["sudo", "-n"];

/** The prefix that runs a command as root; empty for root itself. */
export const underRoot = ({ user }: Pick<Address, "user">): readonly string[] => (user === "root" ? [] : SUDO);

/** A command as root. @example asRoot(host.address, ["iptables", "-S"]) */
export const asRoot = (address: Pick<Address, "user">, argv: readonly string[]): string[] => [...underRoot(address), ...argv];

/**
 * What sudo and sudo-rs say, in the C locale, when they do not run a command. Other lines of sudo, such as "unable to resolve host", are
 * warnings: the exit code is the command's own.
 */
const REFUSALS: readonly RegExp[] = [
  /^sudo: (?:a|interactive) (?:password|terminal|authentication) is required/m,
  /^sudo: (?:sorry, you must have a tty|no tty present)/m,
  /^sudo: (?:account validation failure|your account has expired|authentication failed|I'm sorry)/im,
  / is not in the sudoers file|^Sorry, user .+ (?:is not allowed to execute|may not run sudo)/im,
];

/** Whether a command did not run because sudo refused or is missing. */
export const wasRefusedRoot = ({ code, stderr }: { readonly code: number; readonly stderr: string }): boolean =>
  (code === 1 && REFUSALS.some((refusal) => refusal.test(stderr))) || (code === 127 && /sudo/.test(stderr));

/** @param what why root is needed: `only root can change the firewall` */
export const needsRoot = ({ name, user }: Address, what: string, stderr: string): SlipwayError =>
  new SlipwayError({
    code: "SUDO_REQUIRED",
    what: `${what}, and ${user} is not root and has no sudo without a password`,
    host: name,
    evidence: stderr.trim() === "" ? [] : [stderr.trim()],
    servesNow: NOTHING_TOUCHED,
    next: `have an administrator run on ${name}, as root: echo '${user} ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/90-${user}; then: chmod 0440 /etc/sudoers.d/90-${user}`,
  });
