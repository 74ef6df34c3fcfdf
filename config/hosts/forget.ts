import { z } from "zod";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import type { Host } from "./host.ts";

/** Hosts that are gone for good: names, addresses, or `address:port`. The providers read it, in runs without a program as well. */
export const ForgetSection = z.union([z.string().min(1), z.array(z.string().min(1))]);

/** A run would change a host and, at the same time, give up what runs there. */
export function refuseDeclared(written: z.infer<typeof ForgetSection> = [], hosts: readonly Host[], place: ConfigPath): void {
  [written].flat().forEach((entry, at) => {
    const here = Array.isArray(written) ? place.at(at) : place;
    const named = hosts.find(({ name }) => name === entry);
    const reached = hosts.find((host) => host.madeAt === undefined && isAddressOf(host, entry));
    if (named !== undefined)
      here.refuse(`${quoted(entry)} is a host of this config: remove it there, or write the address of the one it replaced`);
    else if (reached !== undefined) here.refuse(`${quoted(entry)} is the address of ${reached.name}: remove it there first`);
  });
}

const isAddressOf = ({ address, port }: { readonly address: string; readonly port: number }, entry: string): boolean =>
  entry === address || entry === `${address}:${port}`;
