import { connect } from "node:net";
import { setInterval } from "node:timers/promises";
import type { Milliseconds } from "../../core/words.ts";

const LAST_PORT = 65_535;
const AT_ONCE = 900;

/** Whether a port of the lab takes a TCP connection from this machine. */
export function isOpen(address: string, port: number, within: Milliseconds = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (open: boolean) => {
      clearTimeout(late);
      socket.destroy();
      resolve(open);
    };
    const late = setTimeout(() => end(false), within);
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** Every open port of a host; each is tried once. */
export async function openPorts(address: string): Promise<number[]> {
  const open: number[] = [];
  let next = 1;
  const knocker = async () => {
    while (next <= LAST_PORT) {
      const port = next++;
      if (await isOpen(address, port, 250)) open.push(port);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, knocker));
  return open.sort((a, b) => a - b);
}

/** Connects to these ports ten times a second until `end`, which returns when one of them did not answer. */
export function watchPorts(address: string, ports: readonly number[]): { end(): Promise<string[]> } {
  const silent: string[] = [];
  const over = new AbortController();
  const look = async () => {
    const answers = await Promise.all(ports.map((port) => isOpen(address, port)));
    silent.push(...ports.filter((_, at) => !answers[at]).map((port) => `${port} at ${new Date().toISOString()}`));
  };
  const looking = (async () => {
    for await (const _ of setInterval(100)) {
      if (over.signal.aborted) return;
      await look();
    }
  })();
  return {
    async end() {
      over.abort();
      await looking;
      return silent;
    },
  };
}
