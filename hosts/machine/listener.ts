/** A process that listens on a port. */
export interface Listener {
  readonly name: string;
  readonly pid: number;
}

/** The process in a line of `ss -ltnp`; `undefined` if this user may not see it. @example users:(("nginx",pid=812,fd=6)) */
export function listenerIn(line: string): Listener | undefined {
  const [, name, pid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
  return name === undefined ? undefined : { name, pid: Number(pid) };
}

/** The address that a line of `ss -Hltn` or `ss -Hlun` listens on. @example "UNCONN 0 0 127.0.0.1%lo:53 0.0.0.0:*" // { address: "127.0.0.1", port: 53 } */
export function addressIn(line: string): { readonly address: string; readonly port: number } | undefined {
  const [, address = "", port] = /^\s*(?:\S+\s+){3}(\S+):(\d+)\s/.exec(line) ?? [];
  if (port === undefined) return undefined;
  return { address: address.replace(/%[^\]]*/, "").replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

/** A TCP socket that listens, inside a container. */
export interface ListeningSocket {
  readonly port: number;
  /** Nothing outside the container can reach it. */
  readonly loopback: boolean;
}

const LISTEN = "0A";
/** Addresses in the kernel's order of bytes: 127.0.0.0/8, ::1. */
const LOOPBACK = /^(?:[0-9A-F]{6}7F|0{24}01000000)$/;
/** 127.0.0.11: Docker's own name server in each container. */
const DOCKER_DNS = "0B00007F";

/** What listens according to `/proc/<pid>/net/tcp` and `tcp6`, by port. Pure. */
export function listeningIn(text: string): ListeningSocket[] {
  const sockets = text.split("\n").flatMap((line): ListeningSocket[] => {
    const [, address = "", port = "", state] = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /.exec(line) ?? [];
    if (state !== LISTEN || address === DOCKER_DNS) return [];
    return [{ port: Number.parseInt(port, 16), loopback: LOOPBACK.test(address) }];
  });
  const open = new Set(sockets.filter(({ loopback }) => !loopback).map(({ port }) => port));
  const unique = new Map(sockets.map(({ port }) => [port, { port, loopback: !open.has(port) }]));
  return [...unique.values()].sort((a, b) => a.port - b.port);
}
