import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { printable } from "../docker/streams.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";

/** Who holds the lease of a host. */
export interface Holder {
  /** `ci@build-7` */
  readonly owner: string;
  /** How long already, by the host's own monotonic clock, so that no two clocks are compared. */
  readonly seconds: Seconds;
}

/** `$0` of the shell that holds a lease; only the holder has one. */
export const LEASE_NAME = "slipway-lease";

const LOOK: Seconds = 5;

const WHO = `
for process in /proc/[0-9]*; do
  { tr '\\0' '\\n' < "$process/cmdline"; } 2>/dev/null | { read -r a; read -r b; read -r c; read -r d; IFS= read -r owner
    [ "$a" = sh ] && [ "$b" = -c ] && [ "$d" = ${LEASE_NAME} ] || exit 1
    read -r up _ < /proc/uptime; stat=$(cat "$process/stat") || exit 1
    set -- \${stat##*) }; shift 19
    echo "$((\${up%.*} - $1 / $(getconf CLK_TCK 2>/dev/null || echo 100))) $owner"
  } && break
done
`;

/** Looks who holds the lease, without taking it or standing in line; `undefined` when it is free. */
export async function holderOf(connection: Connection): Promise<Holder | undefined> {
  const { stdout } = await run(connection, ["sh", "-c", WHO], { deadline: Deadline.in(LOOK) });
  const [, age, owner] = /^(\d+) (.*)/.exec(stdout) ?? [];
  return age === undefined || owner === undefined ? undefined : { owner: printable(owner), seconds: Number(age) };
}
