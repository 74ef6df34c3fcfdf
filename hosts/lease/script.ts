import { FREEZES } from "./freeze-script.ts";
import { MAY_CHANGE } from "./state-folder.ts";

/** `$0` of the shell that holds a lease. */
export const LEASE_NAME = "slipway-lease";

/**
 * Only root and the group docker can enter the folder, so that no other local user can hold the lease. It is gone after a reboot, as all
 * leases are. A user without root can create it where /run/lock is open to all, as on Debian and Ubuntu.
 */
export const LEASE_FOLDER = "/run/lock/slipway";

/**
 * Held, too, and alone where the folder cannot be created: files that exist and that every user can read. Earlier versions of Slipway hold
 * only this one.
 */
export const COMMON_FILES = ["/etc/os-release", "/etc/passwd"] as const;

/**
 * Which part of a machine a run may change. All of it; or what belongs to one app, beside runs of other apps: those hold the machine's lease
 * together, and each the lease of its app alone.
 */
export type LeaseScope = "machine" | { readonly app: string };

/** The app as a part of a file's name; empty for the whole machine. */
export const scopeName = (scope: LeaseScope): string => (scope === "machine" ? "" : scope.app.replace(/[^\w.-]/g, "-"));

/** Functions of both scripts; `$folder` and `$file` are set. */
const COMMON = `
export LC_ALL=C
${MAY_CHANGE}
# Whether only such users can write to the folder.
is_ours() {
  [ -d "$folder" ] && ! [ -L "$folder" ] || return 1
  mode=$(stat -c %a "$folder")
  case $mode in *[2367]|*[2367]?) return 1 ;; esac
  may_change "$(stat -c %u "$folder")"
}
is_usable() { [ -r "$1" ] && [ -w "$1" ] && may_change "$(stat -c %u "$1")"; }
is_open() { is_ours && is_usable "$file"; }
# Prints the seconds and the owner of each process of theirs that holds a lease. $1 -s: only of those who share it with no one.
leases() {
  read -r up _ </proc/uptime
  for process in /proc/[0-9]*; do
    { tr '\\0' '\\n' <"$process/cmdline"; } 2>/dev/null | { read -r a; read -r b; read -r c; read -r d; IFS= read -r owner; read -r scope
      [ "$a" = sh ] && [ "$b" = -c ] && [ "$d" = ${LEASE_NAME} ] || exit 0
      # Earlier versions name no scope.
      if [ "$1" = -s ] && [ -n "$scope" ] && [ "$scope" != machine ]; then exit 0; fi
      may_change "$(stat -c %u "$process" 2>/dev/null)" || exit 0
      stat=$(cat "$process/stat" 2>/dev/null) || exit 0
      set -- \${stat##*) }; shift 19
      echo "$((\${up%.*} - $1 / $(getconf CLK_TCK 2>/dev/null || echo 100))) $owner"
    }
  done
}
`;

/**
 * $1 this text, $2 seconds to wait (0: not at all), $3 owner, $4 folder, $5 app or empty, $6 `obey` freezes or `pass` them, $7 state folder,
 * $8 what the journal says of it, $9 the text that holds it (`hold.ts`); the names of common files follow. The answers, a line each: `missing`,
 * `busy`, `waiting`, `warning <text>`, `frozen <freeze>`, then `held`, and `alive` for each heartbeat.
 *
 * A freeze is looked for twice: before the wait for others, and once they are gone, since one of them may have set it.
 *
 * An app takes the machine's lock together with other apps, then its own alone, in this order. Everybody passes the gate before: the kernel
 * would let those who share the machine overtake who waits for all of it, for as long as they come.
 *
 * The kernel frees a lock when the last process with its descriptor ends, however it ends. BusyBox's flock cannot limit a wait, so
 * `timeout` does. The file can be replaced while a run waits for it: after the lock, it must still be the one at its path.
 */
export const ACQUIRE = `
wait=$2 owner=$3 folder=$4 app=$5 freeze=$6 state=$7 entry=$8 hold=$9 file=$4/machine gate=$4/gate me=$(id -u)
${COMMON}
${FREEZES}
command -v flock >/dev/null 2>&1 || { echo missing; exit 0; }
# $1 descriptor, $2 -x or -s
lock() { flock -n "$2" "$1" || { [ "$wait" != 0 ] && echo waiting && timeout "$wait" flock "$2" "$1"; }; }
make() {
  [ -e "$1" ] || (umask 117; : >>"$1")
  chgrp docker "$1"
  chmod 660 "$1"
  is_usable "$1"
} 2>/dev/null
create() {
  mkdir -m 750 "$folder" 2>/dev/null
  is_ours || return 1
  chgrp docker "$folder" 2>/dev/null
  make "$file"
}
has_app() { [ -z "$app" ] || { make "$folder/app-$app" && make "$gate"; }; }
if [ "$me" = 0 ]; then
  mkdir -p "\${folder%/*}"
  is_ours || rm -rf "$folder"
  create
elif ! { is_open && has_app; }; then
  if ! { may_change "$me" && create && has_app; } && command -v sudo >/dev/null 2>&1 && sudo -n true </dev/null >/dev/null 2>&1; then
    exec sudo -n sh -c 'eval "$1"' slipway-acquire "$@"
  fi
fi 2>/dev/null
obey() {
  [ "$freeze" = obey ] || return 0
  first=$(freezes "\${app:-*}")
  [ -z "$first" ] || { printf '%s\\n' "$first" | head -n 1; exit 0; }
}
shift 9
obey
for common do [ -e "$common" ] && break; done
if is_open; then
  secured=yes how=-x held=$file
  # Where an app can have no file, its run holds the whole machine.
  if [ -n "$app" ] && has_app; then how=-s held=$folder/app-$app; fi
  if make "$gate"; then
    exec 7>>"$gate"
    lock 7 -x || { echo busy; exit 0; }
  fi
  while :; do
    exec 9>>"$file"
    lock 9 $how || { echo busy; exit 0; }
    [ "$file" -ef /proc/self/fd/9 ] && break
    [ -e "$file" ] || create
  done
  exec 7>&-
  while [ "$held" != "$file" ]; do
    exec 6>>"$held"
    lock 6 -x || { echo busy; exit 0; }
    [ "$held" -ef /proc/self/fd/6 ] && break
    [ -e "$held" ] || make "$held"
  done
  # What it says of an earlier holder is over, while this one may still wait for an earlier version.
  : >"$held"
else
  secured=no how=-x
  echo "warning any local user can hold the lease, because this one may not create $folder; on the host, as root: rm -rf $folder; echo 'd $folder 0750 root docker' >/etc/tmpfiles.d/slipway.conf; systemd-tmpfiles --create slipway.conf"
fi
exec 8<"$common"
if ! flock -n $how 8; then
  # Another user's lock of this file does not stop those who hold the lease itself; an earlier version's does.
  if [ $secured = no ] || [ -n "$(leases $how)" ]; then lock 8 $how || { echo busy; exit 0; }
  else echo "warning $common is locked by a process that is not a run; not waited for"
  fi
fi
if [ $secured = yes ]; then
  read -r up _ </proc/uptime
  printf '%s %s\\n' "\${up%.*}" "$owner" >"$held"
fi
obey
despite=
[ "$freeze" = obey ] || despite=$(freezes "\${app:-*}" | head -n 1 | cut -f 2)
exec sh -c 'eval "$3"' ${LEASE_NAME} "$owner" "\${app:-machine}" "$hold" "$entry" "$folder" "$state" "$despite"
`;

/**
 * $1 folder, $2 app or empty. Prints the age in seconds and the owner of the lease, a line for each who holds a part of it: the machine, else
 * the app, else all apps. Its own locks are shared, and released at once.
 */
export const FIND_HOLDERS = `
folder=$1 file=$1/machine
${COMMON}
held() { [ -r "$1" ] && ! flock -n -s "$1" true && read -r since owner <"$1" && echo "$((up - since)) $owner"; }
if is_ours; then
  read -r up _ </proc/uptime
  up=\${up%.*}
  held "$file" && exit 0
  [ -n "$2" ] && held "$folder/app-$2" && exit 0
  any=$(for one in "$folder"/app-*; do held "$one"; done)
  [ -n "$any" ] && { echo "$any"; exit 0; }
fi
leases
`;
