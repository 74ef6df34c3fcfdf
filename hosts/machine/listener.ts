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
