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
