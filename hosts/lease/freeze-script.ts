import { AS_ROOT_IF_NEEDED, FIND_STATE } from "./state-folder.ts";

/**
 * A function of scripts, for `$state` and `$folder`. `freezes APP` prints a line for each freeze of the app that has not ended; `*`: of any
 * app. The host's own clock decides, the same that has set its end.
 *
 * @example frozen 43100 97 shop-production	ann@laptop (shop/production)	the billing data moves
 */
export const FREEZES = `
freezes() {
  for dir in "$state" "$folder"; do
    for one in "$dir"/freeze-$1; do
      [ -r "$one" ] || continue
      { read -r until since; IFS= read -r by; IFS= read -r why; } <"$one"
      now=$(date +%s)
      [ "$now" -lt "\${until:-0}" ] 2>/dev/null || continue
      printf 'frozen %s %s %s\\t%s\\t%s\\n' "$((until - now))" "$((now - since))" "\${one##*/freeze-}" "$by" "$why"
    done
  done
}
`;

/** $1 this text, $2 folder of leases, $3 state folder, $4 app or `*`. */
export const FIND_FREEZES = `
folder=$2 state=$3
${AS_ROOT_IF_NEEDED}
${FREEZES}
freezes "$4"
`;

/**
 * $1 this text, $2 folder of leases, $3 state folder, $4 app, $5 seconds, $6 by whom, $7 why. Prints `kept`, `until reboot` or
 * `nowhere`. The file is complete or missing at any moment.
 */
export const FREEZE = `
folder=$2 state=$3
${AS_ROOT_IF_NEEDED}
${FIND_STATE}
find_state freezing
[ -n "$at" ] || { echo nowhere; exit 0; }
now=$(date +%s)
(umask 117; printf '%s %s\\n%s\\n%s\\n' "$((now + $5))" "$now" "$6" "$7" >"$at/freezing-$4") || exit 1
[ "$at" = "$state" ] || chgrp docker "$at/freezing-$4" 2>/dev/null
mv -f "$at/freezing-$4" "$at/freeze-$4" || exit 1
rm -f "$at/freezing"
if [ "$at" = "$state" ]; then rm -f "$folder/freeze-$4" 2>/dev/null; echo kept; else echo until reboot; fi
`;

/** $1 this text, $2 folder of leases, $3 state folder, $4 app. */
export const THAW = `
folder=$2 state=$3
${AS_ROOT_IF_NEEDED}
rm -f "$folder/freeze-$4" "$state/freeze-$4"
`;
