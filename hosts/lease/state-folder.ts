/**
 * What a host remembers of runs over a reboot: freezes and the journal. Root makes it for the group docker, whose members can change the
 * machine anyway. Where it is missing and cannot be made, the folder of leases is used instead, which is empty after a reboot.
 */
export const STATE_FOLDER = "/var/lib/slipway";

/** A function of scripts: whether the user with this id can change the machine anyway. */
export const MAY_CHANGE = `
may_change() {
  [ "$1" = 0 ] && return 0
  case " $(id -nG "$1" 2>/dev/null) " in *" docker "*|*" sudo "*|*" wheel "*|*" admin "*) return 0 ;; esac
  return 1
}
`;

/**
 * Functions of scripts. `find_state NAME` sets `at` to the first of `$state` and `$folder` in which this user can write the file NAME, and
 * to nothing where it can write neither. `$state` is made if root can be had.
 */
export const FIND_STATE = `
${MAY_CHANGE}
# Whether only users who can change the machine anyway can write to the folder $1.
is_safe() {
  [ -d "$1" ] && ! [ -L "$1" ] || return 1
  mode=$(stat -c %a "$1")
  case $mode in *[2367]) return 1 ;; *[2367]?) [ "$(stat -c %G "$1")" = docker ] || [ "$(stat -c %g "$1")" = 0 ] || return 1 ;; esac
  may_change "$(stat -c %u "$1")"
}
make_state='mkdir -p "$1" && chown 0 "$1" && { chgrp docker "$1"; chmod 2770 "$1"; }'
find_state() {
  if [ "$(id -u)" = 0 ]; then sh -c "$make_state" make "$state"
  elif ! [ -d "$state" ]; then
    # For others, sudo would report each attempt to the administrator.
    case " $(id -nG) " in *" sudo "*|*" wheel "*|*" admin "*) timeout 5 sudo -n sh -c "$make_state" make "$state" </dev/null ;; esac
  fi >/dev/null 2>&1
  for at in "$state" "$folder"; do
    if is_safe "$at" && (umask 117; : >>"$at/$1") 2>/dev/null; then
      [ "$at" = "$state" ] || chgrp docker "$at/$1" 2>/dev/null
      return 0
    fi
  done
  at=
}
`;

/** The beginning of scripts that are $1 themselves: who may not enter the state folder, but has sudo, does this as root. */
export const AS_ROOT_IF_NEEDED = `
export LC_ALL=C
if [ -d "$state" ] && ! [ -x "$state" ] && command -v sudo >/dev/null 2>&1 && sudo -n true </dev/null >/dev/null 2>&1; then
  exec sudo -n sh -c 'eval "$1"' slipway-state "$@"
fi
`;
