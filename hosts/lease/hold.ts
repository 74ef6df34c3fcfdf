import type { Bytes, Seconds } from "../../core/words.ts";
import { FIND_STATE } from "./state-folder.ts";

/** The host frees the lease this long after the last heartbeat that it received. */
export const HOST_TIMEOUT: Seconds = 20;

/** The journal's file in the state folder, and the one before it. */
export const JOURNAL = "journal";

/** A journal that is longer is set aside when the next line comes, and the one before it removed. */
const LONGEST_JOURNAL: Bytes = 256 * 1024;

/** Functions of scripts: `open_journal` finds the journal, `write_journal RESULT` adds a line for `$entry` since then. */
export const WRITE_JOURNAL = `
${FIND_STATE}
open_journal() {
  read -r since _ </proc/uptime
  began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  find_state ${JOURNAL}
  [ -n "$at" ] || return 0
  [ "$(wc -c <"$at/${JOURNAL}")" -le ${LONGEST_JOURNAL} ] || mv -f "$at/${JOURNAL}" "$at/${JOURNAL}.1"
  (umask 117; : >>"$at/${JOURNAL}")
}
write_journal() {
  [ -n "$at" ] || return 0
  read -r now _ </proc/uptime
  printf '%s\\t%s\\t%s\\t%s\\n' "$began" "$((\${now%.*} - \${since%.*}))" "$entry" "$1" >>"$at/${JOURNAL}"
} 2>/dev/null
`;

/** What the journal says if the lease ends without a word: its run was killed, or the network has lost it. */
const CUT = "ended without a result: killed, or the connection was lost";

/**
 * Holds a lease. $1 owner, $2 scope, $3 this text, $4 what the journal says of this time (who and what, with a tab between; empty: nothing),
 * $5 folder of leases, $6 state folder, $7 the freezes that it passes over.
 *
 * Each line of its input is a heartbeat: an empty one, `result TEXT` for the journal, or `quiet` if nothing is to be said. The lease is free
 * before the journal is written, and the journal is found while the run works, so that nothing waits for it.
 */
export const HOLD = `
entry=$4 folder=$5 state=$6 despite=$7 result='${CUT}' at=
echo held
${WRITE_JOURNAL}
[ -z "$entry" ] || open_journal 6<&- 8<&- 9<&-
while beat=$(exec timeout ${HOST_TIMEOUT} sh -c 'IFS= read -r beat && printf %s "$beat"' 6<&- 8<&- 9<&-); do
  case $beat in
    "result "*) result=\${beat#result } ;;
    quiet) entry= ;;
    *) echo alive ;;
  esac
done
exec 6<&- 8<&- 9<&-
[ -z "$entry" ] || write_journal "$result\${despite:+ (despite the freeze by $despite)}"
`;
