import { createHash } from "node:crypto";

export const DROP_IN = "/etc/ssh/sshd_config.d/10-slipway.conf";

/** The settings that sshd must have. */
const WANTED = {
  PermitRootLogin: "no",
  PasswordAuthentication: "no",
  KbdInteractiveAuthentication: "no",
  PubkeyAuthentication: "yes",
} as const;

/** sshd uses the first value that it reads for a key: our file must sort before those of the distribution and of cloud-init. */
export const DROP_IN_TEXT = `# Written by Slipway.
${Object.entries(WANTED)
  .map(([key, value]) => `${key} ${value}`)
  .join("\n")}
`;

export const DROP_IN_SUM: string = createHash("sha256").update(DROP_IN_TEXT).digest("hex");

/** `permitrootlogin no`, as `sshd -T` prints it. */
export const EFFECTIVE: readonly string[] = Object.entries(WANTED).map(([key, value]) => `${key.toLowerCase()} ${value}`);

/** Settings that differ: `PermitRootLogin yes`. */
export const otherValues = (sshd: Readonly<Record<string, string>>): string[] =>
  Object.entries(WANTED).flatMap(([key, value]) => {
    const found = sshd[key.toLowerCase()] ?? "unset";
    return found === value ? [] : [`${key} ${found}`];
  });
