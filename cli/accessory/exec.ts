import { PRESETS } from "../../core/accessory/preset.ts";
import type { Access } from "../../hosts/index.ts";
import { type ExecMode, hasTerminal } from "../exec/mode.ts";
import { Session } from "../exec/session.ts";
import { hostsAt } from "../stack/access.ts";
import { type DeclaredAccessory, refusal, requireRunning } from "../stack/accessories.ts";

/** Runs a command in the accessory's own container, and gives its exit code. */
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
    return await session.run(async () => [await session.within(host, container, argv)]);
  } finally {
    await hosts.close();
  }
}

/** The accessory's own client, logged in by the container's own environment: no secret is in our arguments. */
export function consoleOf({ accessory, preset, host }: DeclaredAccessory): readonly string[] {
  if (preset !== undefined) return PRESETS[preset].console;
  throw refusal(
    host.name,
    `the accessory ${accessory} has no preset, so its console is not known`,
    `slipway accessory exec -i ${accessory} -- <its client>`,
  );
}

/** With this terminal, or with what is piped in: `slipway accessory console db < query.sql`. */
export const consoleMode = (): Omit<ExecMode, "several"> => (hasTerminal() ? { interactive: true } : { raw: true });
