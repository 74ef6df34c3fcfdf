import { PRESETS } from "../../core/accessory/preset.ts";
import { type Access, operator } from "../../hosts/index.ts";
import { type ExecMode, hasTerminal } from "../exec/mode.ts";
import { Session } from "../exec/session.ts";
import { hostsAt } from "../stack/access.ts";
import { type DeclaredAccessory, refusal, requireRunning } from "../stack/accessories.ts";
import { noted } from "../stack/lease.ts";

/** Runs a command in the accessory's container. Returns its exit code. */
export async function execIn(
  place: DeclaredAccessory,
  access: Access,
  argv: readonly string[],
  mode: Omit<ExecMode, "several">,
): Promise<number> {
  const hosts = hostsAt(access);
  try {
    const host = hosts.at(place.host);
    const container = await requireRunning(place, host);
    const session = new Session({ ...mode, several: false });
    // Without its arguments, which may have a secret.
    const entry = { who: operator(), what: `slipway accessory exec in ${place.container}` };
    return await session.run(async () => [await noted(host, entry, () => session.within(host, container, argv))]);
  } finally {
    await hosts.close();
  }
}

/** The accessory's client. It logs in with the container's environment, so no secret is in the arguments. */
export function consoleOf({ accessory, preset, host }: DeclaredAccessory): readonly string[] {
  if (preset !== undefined) return PRESETS[preset].console;
  throw refusal(
    "USAGE",
    host.name,
    `the accessory ${accessory} has no preset, so its client is unknown`,
    `slipway accessory exec -i ${accessory} -- <its client>`,
  );
}

/** With this terminal, or with piped input: `slipway accessory console db < query.sql`. */
export const consoleMode = (): Omit<ExecMode, "several"> => (hasTerminal() ? { interactive: true } : { raw: true });
