import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Address } from "../ssh/address.ts";

/** sudo without a password prompt. */
export const SUDO: readonly string[] = ["sudo", "-n"];

/** The prefix that runs a command as root; empty for root itself. */
export const underRoot = ({ user }: Pick<Address, "user">): readonly string[] => (user === "root" ? [] : SUDO);

/** A command as root. @example asRoot(host.address, ["iptables", "-S"]) */
export const asRoot = (address: Pick<Address, "user">, argv: readonly string[]): string[] => [...underRoot(address), ...argv];

/** Whether a command did not run because sudo refused or is missing. */
export const wasRefusedRoot = ({ code, stderr }: { readonly code: number; readonly stderr: string }): boolean =>
  (code === 1 && /^sudo: /m.test(stderr)) || (code === 127 && /sudo/.test(stderr));

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
