import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { isPrivateAddress } from "../../core/private-range.ts";
import type { Milliseconds } from "../../core/words.ts";

/** Who does not answer in this time is closed, or too far away for this to be worth more. */
const PATIENCE: Milliseconds = 1500;

/** Whether that port takes a TCP connection from this machine. Nothing is sent. */
export function knock(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (open: boolean) => {
      clearTimeout(late);
      socket.destroy();
      resolve(open);
    };
    const late = setTimeout(() => end(false), PATIENCE);
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** So many at once, so that a large fleet does not run out of descriptors. */
const AT_ONCE = 400;

/** Those of the doors that are open, all tried side by side. */
export async function openDoors<D extends { readonly address: string; readonly port: number }>(
  doors: readonly D[],
): Promise<D[]> {
  const open: D[] = [];
  for (let at = 0; at < doors.length; at += AT_ONCE) {
    const some = doors.slice(at, at + AT_ONCE);
    const answers = await Promise.all(some.map(({ address, port }) => knock(address, port)));
    open.push(...some.filter((_, index) => answers[index]));
  }
  return open;
}

/** Whether our way to that address is one that nobody outside has. */
export async function isPrivate(address: string): Promise<boolean> {
  const { address: found } = await lookup(address);
  return isPrivateAddress(found);
}
