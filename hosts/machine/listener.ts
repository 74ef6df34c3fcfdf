/** A process that has a port. */
export interface Listener {
  readonly name: string;
  readonly pid: number;
}

/** Who has the port, of a line of `ss -ltnp`; nobody where we may not see it. @example users:(("nginx",pid=812,fd=6)) */
export function listenerIn(line: string): Listener | undefined {
  const [, name, pid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
  return name === undefined ? undefined : { name, pid: Number(pid) };
}
