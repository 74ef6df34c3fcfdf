import { DROP_IN_SUM, otherValues } from "./drop-in.ts";
import type { FoundHardening, HardeningInputs } from "./inputs.ts";

/** One change to the SSH of one host; in the order in which they are done. */
export type HardeningOperation =
  /** `lacks`: what the user does not have yet. */
  | { do: "account"; lacks: readonly string[] }
  /** `found`: what sshd says that it should not. */
  | { do: "close"; found: readonly string[] };

/** What to do so that only the declared user and others with keys log in, and root does not. */
export function planHardening(wanted: HardeningInputs, found: FoundHardening): HardeningOperation[] {
  if (found.kind !== "present") return [];
  const lacks = [
    ...(found.as === wanted.user ? [] : ["login"]),
    ...(found.sudo ? [] : ["sudo"]),
    ...(found.docker === false ? ["Docker"] : []),
  ];
  const values = otherValues(found.sshd);
  const isOurs = found.dropIn === DROP_IN_SUM;
  return [
    ...(lacks.length === 0 ? [] : [{ do: "account", lacks } as const]),
    ...(values.length === 0 && isOurs
      ? []
      : [{ do: "close", found: values.length > 0 ? values : ["our file is another one"] } as const]),
  ];
}

export function describeHardening(operation: HardeningOperation, { host, user }: HardeningInputs): string {
  switch (operation.do) {
    case "account":
      return `let ${user} in (${operation.lacks.join(", ")})${operation.lacks.includes("login") ? ` with the keys of ${host.user}` : ""}`;
    case "close":
      return `sshd: key only, no root login; found ${operation.found.join(", ")}`;
  }
}

/** Before anybody looked. */
export const describeUnseen = ({ host, user, patience }: HardeningInputs): string =>
  [
    ...(patience > 0 ? [`wait for the new machine (≤ ${patience} s)`] : []),
    `let ${user} in with the keys of ${host.user}, with sudo and Docker`,
    `sshd: key only, no root login; from then on ${user} logs in`,
  ].join(" · ");
