import { UndoFolder } from "../steps/dead-man-switch.ts";
import { DROP_IN } from "./drop-in.ts";

/** Scripts that run on hosts as root, for a POSIX shell. */
const START = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
effective() { sshd -T -C "user=$1,host=outside,addr=192.0.2.1"; }`;

export const UNDO = new UndoFolder("/run/slipway-sshd", START);

/** $1 user. Each line of output begins with a word that says what it is. */
export const OBSERVE_SCRIPT = `${START}
user=$1
id -u -- "$user" >/dev/null 2>&1 && sudo -l -U "$user" 2>/dev/null | grep -q 'NOPASSWD: ALL' && echo "sudo yes"
if getent group docker >/dev/null; then
  case " $(id -nG -- "$user" 2>/dev/null) " in *" docker "*) echo "docker in" ;; *) echo "docker out" ;; esac
fi
effective root | sed 's/^/sshd /'
[ ! -e ${DROP_IN} ] || sha256sum ${DROP_IN} | sed 's/^/file /'
${UNDO.printUnconfirmed}
true`;

/**
 * $1 user, $2 the user who is logged in. Files in a home are written as its owner: root must not follow a link that the user may have
 * planted. An sshd without PAM refuses an account whose password is locked (!), but not one whose password can never match (*).
 */
export const ACCOUNT_SCRIPT = `${START}
set -e
umask 077
user=$1 from=$2
command -v sudo >/dev/null || { echo "sudo is not installed" >&2; exit 71; }
shell=$(command -v bash || echo /bin/sh)
id -u -- "$user" >/dev/null 2>&1 || useradd --create-home --shell "$shell" --password '*' "$user"
if getent group docker >/dev/null; then
  case " $(id -nG -- "$user") " in *" docker "*) ;; *) usermod --append --groups docker "$user" ;; esac
fi
sudo -l -U "$user" 2>/dev/null | grep -q 'NOPASSWD: ALL' || {
  file=/etc/sudoers.d/90-slipway-$user
  echo "$user ALL=(ALL:ALL) NOPASSWD: ALL" >"$file.new"
  visudo -c -q -f "$file.new" || { rm -f "$file.new"; exit 72; }
  chmod 0440 "$file.new"
  mv -f "$file.new" "$file"
}
[ "$user" != "$from" ] || exit 0
home_of() { getent passwd "$1" | cut -d: -f6; }
keys_of() {
  pattern=$(effective "$1" | sed -n 's/^authorizedkeysfile //p' | cut -d' ' -f1)
  file=$(printf %s "$pattern" | sed "s|%h|$(home_of "$1")|g; s|%u|$1|g; s|%%|%|g")
  case $file in none) ;; /*) echo "$file" ;; *) echo "$(home_of "$1")/$file" ;; esac
}
source=$(keys_of "$from") target=$(keys_of "$user")
# one file for all users, or no file
if [ "$source" = "$target" ] || [ -z "$target" ] || [ ! -e "$source" ]; then exit 0; fi
MERGE='umask 077; mkdir -p -- "$(dirname -- "$1")"; [ -e "$1" ] || : >"$1"; new=$(mktemp -- "$1.XXXXXX")
{ cat -- "$1"; grep -vxF -f "$1" || true; } >"$new"; sync -- "$new" 2>/dev/null || sync; mv -f -- "$new" "$1"'
case $target in
  "$(home_of "$user")"/*) runuser -u "$user" -- sh -c "$MERGE" slipway-keys "$target" <"$source" ;;
  *) sh -c "$MERGE" slipway-keys "$target" <"$source"; chmod 0644 "$target" ;;
esac`;

/** If systemd starts one sshd per connection, there is nothing to reload. */
const RELOAD = `reload() {
  if [ -d /run/systemd/system ]; then
    for unit in ssh.service sshd.service; do
      if systemctl is-active -q $unit; then systemctl reload $unit; return; fi
    done
    for unit in ssh.socket sshd.socket; do systemctl is-active -q $unit && return 0; done
  fi
  pid=$(cat /run/sshd.pid 2>/dev/null) || pid=$(pgrep -o -x sshd)
  kill -HUP "$pid"
}`;

/**
 * $1 token, $2 seconds, $3 our file, $4… the settings that sshd must then have. Writes the file, and reverts it after that time unless
 * it is confirmed. Exit code 65: sshd does not accept it; 66: another file overrides it.
 */
export const CLOSE_SCRIPT = `${START}
set -e
umask 077
token=$1 seconds=$2 content=$3; shift 3
mkdir -p ${UNDO.path} "$(dirname ${DROP_IN})"
cd ${UNDO.path}
${UNDO.revertStale}
rm -f before
[ ! -e ${DROP_IN} ] || cp -p ${DROP_IN} before
cat >put-back <<'END'
if [ -e ${UNDO.path}/before ]; then cp -p ${UNDO.path}/before ${DROP_IN}.new && mv -f ${DROP_IN}.new ${DROP_IN}; else rm -f ${DROP_IN}; fi
END
cat >undo <<'END'
${RELOAD}
${UNDO.decide}
sh ./put-back && reload
END
printf %s "$content" >${DROP_IN}.new
mv -f ${DROP_IN}.new ${DROP_IN}
sshd -t || { sh ./put-back; exit 65; }
said=$(effective root)
for wanted do
  printf '%s\\n' "$said" | grep -qix "$wanted" || { sh ./put-back; echo "sshd says: $(printf '%s\\n' "$said" | grep -i "^\${wanted%% *} ")" >&2; exit 66; }
done
${UNDO.arm}
${RELOAD}
reload || { sh ./undo "$token"; exit 70; }`;
