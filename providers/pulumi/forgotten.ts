import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import type { Address } from "../../hosts/index.ts";

/** Machines that the user gives up: `slipway:forget`. What runs on them is left there, and no run asks them any more. */
export interface Forgotten {
  /** As written: names of hosts, addresses, or `address:port`. */
  readonly entries: readonly string[];
  has(host: Address): boolean;
}

/** The only key that a destroy without the program needs of the config besides `slipway:ssh`. */
const FORGET = "slipway:forget";

const OneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** @example forgottenIn({ get: () => '["web-2"]' }).has(address) */
export function forgottenIn(config: { get(key: string): string | undefined } | undefined): Forgotten {
  const written = config?.get(FORGET) ?? "";
  const entries = OneOrMore.safeParse(parseJson(written) ?? written).data?.filter((entry) => entry !== "") ?? [];
  const has = ({ name, address, port }: Address) => [name, address, `${address}:${port}`].some((one) => entries.includes(one));
  return { entries, has };
}

/**
 * The command that gives up hosts for good.
 *
 * @example forgetCommand(["web-2"], forgotten) // "pulumi config set --path 'slipway:forget[0]' web-2"
 */
export const forgetCommand = (names: readonly string[], { entries }: Forgotten): string =>
  names.map((name, at) => `pulumi config set --path '${FORGET}[${entries.length + at}]' ${name}`).join(" && ");
