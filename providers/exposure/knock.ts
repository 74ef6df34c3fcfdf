import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { isPrivateAddress } from "../../core/private-range.ts";
import type { Milliseconds } from "../../core/words.ts";

const CONNECT_TIMEOUT: Milliseconds = 1500;

/** What a port answers: `silent` if nothing within 1.5 s, `unreachable` if no packet gets to its address. */
export type Answer = "open" | "closed" | "silent" | "unreachable";

/** Of a machine without a route there, or with no address of that IP version. One port may also be refused in this way by a firewall. */
const NO_WAY = new Set(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** Whether a port accepts a TCP connection from this machine. Sends nothing. */
export function knock(address: string, port: number): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (answer: Answer) => {
      clearTimeout(late);
      socket.destroy();
      resolve(answer);
    };
    const late = setTimeout(() => end("silent"), CONNECT_TIMEOUT);
    socket.once("connect", () => end("open"));
    socket.once("error", (error) => end("code" in error && NO_WAY.has(String(error.code)) ? "unreachable" : "closed"));
  });
}

/** The same, and once more if it is silent: a packet may have been lost. */
export async function knockTwice(address: string, port: number): Promise<Answer> {
  const first = await knock(address, port);
  return first === "silent" ? knock(address, port) : first;
}

/** A large fleet must not exhaust this machine's file descriptors. */
const BATCH = 400;

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** What many ports answer, tried in parallel. */
export async function knockAll<T extends Target>(targets: readonly T[]): Promise<{ target: T; answer: Answer }[]> {
  const all: { target: T; answer: Answer }[] = [];
  for (let at = 0; at < targets.length; at += BATCH) {
    const batch = targets.slice(at, at + BATCH);
    const answers = await Promise.all(batch.map(({ address, port }) => knockTwice(address, port)));
    all.push(...batch.map((target, index) => ({ target, answer: answers[index] ?? "silent" })));
  }
  return all;
}

/** Whether the address is private, so that this machine is not outside of it. */
export async function isPrivate(address: string): Promise<boolean> {
  const { address: found } = await lookup(address);
  return isPrivateAddress(found);
}
