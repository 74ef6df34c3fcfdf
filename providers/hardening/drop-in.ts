import { createHash } from "node:crypto";

export const DROP_IN = "/etc/ssh/sshd_config.d/10-slipway.conf";

/** What sshd has to say of itself, in its own words. */
const WANTED = {
  PermitRootLogin: "no",
  PasswordAuthentication: "no",
  KbdInteractiveAuthentication: "no",
  PubkeyAuthentication: "yes",
} as const;

/** sshd takes the first value that it reads of each key: our file has to come before those of the distribution and of cloud-init. */
export const DROP_IN_TEXT = `# Written by Slipway.
${Object.entries(WANTED)
  .map(([key, value]) => `${key} ${value}`)
  .join("\n")}
`;

export const DROP_IN_SUM: string = createHash("sha256").update(DROP_IN_TEXT).digest("hex");

/** `permitrootlogin no`, as `sshd -T` prints it. */
export const EFFECTIVE: readonly string[] = Object.entries(WANTED).map(([key, value]) => `${key.toLowerCase()} ${value}`);

/** Keys whose value is another one: `PermitRootLogin yes`. */
export const otherValues = (sshd: Readonly<Record<string, string>>): string[] =>
  Object.entries(WANTED).flatMap(([key, value]) => {
    const found = sshd[key.toLowerCase()] ?? "unset";
    return found === value ? [] : [`${key} ${found}`];
  });
