import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { isPrivateAddress } from "../../core/private-range.ts";
import type { Milliseconds } from "../../core/words.ts";

/** A port that does not answer within this time counts as closed. */
const CONNECT_TIMEOUT: Milliseconds = 1500;

/** Whether a port accepts a TCP connection from this machine. Sends nothing. */
export function knock(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (open: boolean) => {
      clearTimeout(late);
      socket.destroy();
      resolve(open);
    };
    const late = setTimeout(() => end(false), CONNECT_TIMEOUT);
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** A large fleet must not exhaust this machine's file descriptors. */
const BATCH = 400;

/** Those of the targets that are open; tried in parallel. */
export async function openPorts<T extends { readonly address: string; readonly port: number }>(
  targets: readonly T[],
): Promise<T[]> {
  const open: T[] = [];
  for (let at = 0; at < targets.length; at += BATCH) {
    const batch = targets.slice(at, at + BATCH);
    const answers = await Promise.all(batch.map(({ address, port }) => knock(address, port)));
    open.push(...batch.filter((_, index) => answers[index]));
  }
  return open;
}

/** Whether the address is private, so that this machine is not outside of it. */
export async function isPrivate(address: string): Promise<boolean> {
  const { address: found } = await lookup(address);
  return isPrivateAddress(found);
}
