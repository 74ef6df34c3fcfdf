import { parseDestination } from "../../hosts/index.ts";
import { ask } from "../terminal/ask.ts";
import { type Addition, refused } from "./addition.ts";
import { pinHostKey } from "./host-key.ts";
import { planHost } from "./servers.ts";
import type { StackText } from "./stack-text.ts";

export interface NewHostOptions {
  readonly role?: string | undefined;
  readonly name?: string | undefined;
  /** Its key, or the fingerprint of that. */
  readonly accepted: string | undefined;
  /** Nothing is asked. */
  readonly agreed: boolean;
}

/** A host at `[user@]address[:port]`, whose key is pinned. */
export async function planNewHost(
  text: string,
  { role, name, accepted, agreed }: NewHostOptions,
  stack: StackText,
): Promise<Addition> {
  const at = parseDestination(text);
  if (at === undefined) throw refused(`${JSON.stringify(text)} is not [user@]address[:port]`, "write it as deploy@203.0.113.10");
  const { ssh } = stack.config;
  const { address, port, user } = at;
  // Before a key is asked for.
  planHost({ address, port, user, role, name, hostKey: "" }, stack);
  const confirm = agreed || !process.stdin.isTTY ? undefined : ask;
  const wish = { accepted, confirm, option: "--accept-host-key" };
  const pin = await pinHostKey({ name: name ?? address, address, port: port ?? ssh.port, user: user ?? ssh.user }, wish);
  const planned = planHost({ address, port, user, role, name, hostKey: pin.key }, stack);
  return pin.noLogin === undefined ? planned : { ...planned, notes: [...planned.notes, `note: ${pin.noLogin}`] };
}
