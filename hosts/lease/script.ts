import type { Seconds } from "../../core/words.ts";

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

/** The host frees the lease this long after the last heartbeat that it received. */
export const HOST_TIMEOUT: Seconds = 20;

/** Functions of both scripts; `$folder` and `$file` are set. */
const COMMON = `
export LC_ALL=C
# Whether the user with this id can change the machine anyway.
may_change() {
  [ "$1" = 0 ] && return 0
  case " $(id -nG "$1" 2>/dev/null) " in *" docker "*|*" sudo "*|*" wheel "*|*" admin "*) return 0 ;; esac
  return 1
}
# Whether only such users can write to the folder.
is_ours() {
  [ -d "$folder" ] && ! [ -L "$folder" ] || return 1
  mode=$(stat -c %a "$folder")
  case $mode in *[2367]|*[2367]?) return 1 ;; esac
  may_change "$(stat -c %u "$folder")"
}
is_open() { is_ours && [ -r "$file" ] && [ -w "$file" ] && may_change "$(stat -c %u "$file")"; }
# Prints the seconds and the owner of each process of theirs that holds a lease.
leases() {
  read -r up _ </proc/uptime
  for process in /proc/[0-9]*; do
    { tr '\\0' '\\n' <"$process/cmdline"; } 2>/dev/null | { read -r a; read -r b; read -r c; read -r d; IFS= read -r owner
      [ "$a" = sh ] && [ "$b" = -c ] && [ "$d" = ${LEASE_NAME} ] || exit 0
      may_change "$(stat -c %u "$process" 2>/dev/null)" || exit 0
      stat=$(cat "$process/stat" 2>/dev/null) || exit 0
      set -- \${stat##*) }; shift 19
      echo "$((\${up%.*} - $1 / $(getconf CLK_TCK 2>/dev/null || echo 100))) $owner"
    }
  done
}
`;

/**
 * $1 this text, $2 seconds to wait (0: not at all), $3 owner, $4 folder; the names of common files follow. The answers, a line each:
 * `missing`, `busy`, `waiting`, `warning <text>`, then `held`, and `alive` for each heartbeat.
 *
 * The kernel frees a lock when the last process with its descriptor ends, however it ends. BusyBox's flock cannot limit a wait, so
 * `timeout` does. The file can be replaced while a run waits for it: after the lock, it must still be the one at its path.
 */
export const ACQUIRE = `
wait=$2 owner=$3 folder=$4 file=$4/machine me=$(id -u)
${COMMON}
command -v flock >/dev/null 2>&1 || { echo missing; exit 0; }
lock() { flock -n "$1" || { [ "$wait" != 0 ] && echo waiting && timeout "$wait" flock "$1"; }; }
create() {
  mkdir -m 750 "$folder" 2>/dev/null
  is_ours || return 1
  chgrp docker "$folder" 2>/dev/null
  [ -e "$file" ] || (umask 117; : >>"$file")
  chgrp docker "$file" 2>/dev/null
  chmod 660 "$file" 2>/dev/null
  is_open
}
if [ "$me" = 0 ]; then
  mkdir -p "\${folder%/*}"
  is_ours || rm -rf "$folder"
  create
elif ! is_open; then
  if ! { may_change "$me" && create; } && command -v sudo >/dev/null 2>&1 && sudo -n true </dev/null >/dev/null 2>&1; then
    exec sudo -n sh -c 'eval "$1"' slipway-acquire "$@"
  fi
fi 2>/dev/null
shift 4
for common do [ -e "$common" ] && break; done
if is_open; then
  secured=yes
  while :; do
    exec 9>>"$file"
    lock 9 || { echo busy; exit 0; }
    [ "$file" -ef /proc/self/fd/9 ] && break
    [ -e "$file" ] || create
  done
else
  secured=no
  echo "warning any local user can hold the lease, because this one may not create $folder; on the host, as root: rm -rf $folder; echo 'd $folder 0750 root docker' >/etc/tmpfiles.d/slipway.conf; systemd-tmpfiles --create slipway.conf"
fi
exec 8<"$common"
if ! flock -n 8; then
  # Another user's lock of this file does not stop those who hold the lease itself; an earlier version's does.
  if [ $secured = no ] || [ -n "$(leases)" ]; then lock 8 || { echo busy; exit 0; }
  else echo "warning $common is locked by a process that is not a run; not waited for"
  fi
fi
if [ $secured = yes ]; then
  read -r up _ </proc/uptime
  printf '%s %s\\n' "\${up%.*}" "$owner" >"$file"
fi
exec sh -c 'echo held; while timeout ${HOST_TIMEOUT} sh -c "read beat" 8<&- 9<&-; do echo alive; done' ${LEASE_NAME} "$owner"
`;

/** $1 folder. Prints the age in seconds and the owner of the lease if it is held. Its own lock is shared, and released at once. */
export const FIND_HOLDER = `
folder=$1 file=$1/machine
${COMMON}
if [ -r "$file" ] && is_ours && ! flock -n -s "$file" true; then
  read -r up _ </proc/uptime
  if read -r since owner <"$file"; then echo "$((\${up%.*} - since)) $owner"; exit 0; fi
fi
leases
`;
