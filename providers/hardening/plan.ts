import { DROP_IN_SUM, otherValues } from "./drop-in.ts";
import type { FoundHardening, HardeningInputs } from "./inputs.ts";

/** One change to the SSH of one host. */
export type HardeningOperation =
  /** `lacks`: what the user is missing. */
  | { do: "account"; lacks: readonly string[] }
  /** `found`: settings that differ. */
  | { do: "close"; found: readonly string[] };

/** What to do, in order, so that users log in by key only, and root not at all. */
export function planHardening(wanted: HardeningInputs, found: FoundHardening): HardeningOperation[] {
  if (found.kind !== "present") return [];
  const lacks = [
    ...(found.as === wanted.user ? [] : ["login"]),
    ...(found.sudo ? [] : ["sudo"]),
    ...(found.docker === false ? ["Docker"] : []),
  ];
  const values = otherValues(found.sshd);
  const isOurs = found.dropIn === DROP_IN_SUM;
  const wrong = [
    ...values,
    ...(values.length > 0 || isOurs ? [] : ["our file was changed"]),
    ...(found.unconfirmed === true ? ["our file unconfirmed by an interrupted run, so that the host takes it back"] : []),
  ];
  return [
    ...(lacks.length === 0 ? [] : [{ do: "account", lacks } as const]),
    ...(wrong.length === 0 ? [] : [{ do: "close", found: wrong } as const]),
  ];
}

export function describeHardening(operation: HardeningOperation, { host, user }: HardeningInputs): string {
  switch (operation.do) {
    case "account":
      return `give ${user} ${operation.lacks.join(", ")}${operation.lacks.includes("login") ? ` with the keys of ${host.user}` : ""}`;
    case "close":
      return `sshd: key only, no root login; found ${operation.found.join(", ")}`;
  }
}

/** Before the host was observed. */
export const describeUnseen = ({ host, user, patience }: HardeningInputs): string =>
  [
    ...(patience > 0 ? [`wait for the new machine (≤ ${patience} s)`] : []),
    `give ${user} login with the keys of ${host.user}, sudo and Docker`,
    `sshd: key only, no root login; from then on ${user} logs in`,
  ].join(" · ");
