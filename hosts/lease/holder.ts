import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { printable } from "../docker/streams.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";

/** The holder of a host's lease. */
export interface Holder {
  /** `ci@build-7` */
  readonly owner: string;
  /** Age of the lease by the host's own monotonic clock, so that no two clocks are compared. */
  readonly seconds: Seconds;
}

/** `$0` of the shell that holds a lease. */
export const LEASE_NAME = "slipway-lease";

const OBSERVE_TIMEOUT: Seconds = 5;

const FIND_HOLDER = `
for process in /proc/[0-9]*; do
  { tr '\\0' '\\n' < "$process/cmdline"; } 2>/dev/null | { read -r a; read -r b; read -r c; read -r d; IFS= read -r owner
    [ "$a" = sh ] && [ "$b" = -c ] && [ "$d" = ${LEASE_NAME} ] || exit 1
    read -r up _ < /proc/uptime; stat=$(cat "$process/stat") || exit 1
    set -- \${stat##*) }; shift 19
    echo "$((\${up%.*} - $1 / $(getconf CLK_TCK 2>/dev/null || echo 100))) $owner"
  } && break
done
`;

/** Reads who holds the lease, without acquiring it or waiting; `undefined` if it is free. */
export async function holderOf(connection: Connection): Promise<Holder | undefined> {
  const { stdout } = await run(connection, ["sh", "-c", FIND_HOLDER], { deadline: Deadline.in(OBSERVE_TIMEOUT) });
  const [, age, owner] = /^(\d+) (.*)/.exec(stdout) ?? [];
  return age === undefined || owner === undefined ? undefined : { owner: printable(owner), seconds: Number(age) };
}
