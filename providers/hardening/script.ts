import { TrialPlace } from "../steps/trial.ts";
import { DROP_IN } from "./drop-in.ts";

/** What we run on hosts, as root, for a POSIX shell. */
const START = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
effective() { sshd -T -C "user=$1,host=outside,addr=192.0.2.1"; }`;

/** $1 user. Words first, so that a line speaks for itself. */
export const LOOK = `${START}
user=$1
id -u -- "$user" >/dev/null 2>&1 && sudo -l -U "$user" 2>/dev/null | grep -q 'NOPASSWD: ALL' && echo "sudo yes"
if getent group docker >/dev/null; then
  case " $(id -nG -- "$user" 2>/dev/null) " in *" docker "*) echo "docker in" ;; *) echo "docker out" ;; esac
fi
effective root | sed 's/^/sshd /'
[ ! -e ${DROP_IN} ] || sha256sum ${DROP_IN} | sed 's/^/file /'
true`;

/**
 * $1 user, $2 who is logged in. Files in a home are written as its owner: root must not follow where that user may have put a link.
 * An account with a locked password (!) is refused by an sshd without PAM, one with a password that nothing fits (*) is not.
 */
export const ACCOUNT = `${START}
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
# one file for all users, or none at all
if [ "$source" = "$target" ] || [ -z "$target" ] || [ ! -e "$source" ]; then exit 0; fi
MERGE='umask 077; mkdir -p -- "$(dirname -- "$1")"; [ -e "$1" ] || : >"$1"; new=$(mktemp -- "$1.XXXXXX")
{ cat -- "$1"; grep -vxF -f "$1" || true; } >"$new"; sync -- "$new" 2>/dev/null || sync; mv -f -- "$new" "$1"'
case $target in
  "$(home_of "$user")"/*) runuser -u "$user" -- sh -c "$MERGE" slipway-keys "$target" <"$source" ;;
  *) sh -c "$MERGE" slipway-keys "$target" <"$source"; chmod 0644 "$target" ;;
esac`;

export const PLACE = new TrialPlace("/run/slipway-sshd", START);

/** Where systemd gives each connection an sshd of its own, there is nothing to reload. */
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
 * $1 token, $2 seconds, $3 our file, $4… what sshd has to say of itself then. Writes the file, and takes it back by itself after that
 * time unless somebody disarms it. Code 65: sshd does not take it; 66: another file has the last word.
 */
export const TRY = `${START}
set -e
umask 077
token=$1 seconds=$2 content=$3; shift 3
mkdir -p ${PLACE.folder} "$(dirname ${DROP_IN})"
cd ${PLACE.folder}
${PLACE.bury}
rm -f before
[ ! -e ${DROP_IN} ] || cp -p ${DROP_IN} before
cat >restore <<'END'
if [ -e ${PLACE.folder}/before ]; then cp -p ${PLACE.folder}/before ${DROP_IN}.new && mv -f ${DROP_IN}.new ${DROP_IN}; else rm -f ${DROP_IN}; fi
END
cat >undo <<'END'
${RELOAD}
${PLACE.decide}
sh ./restore && reload
END
printf %s "$content" >${DROP_IN}.new
mv -f ${DROP_IN}.new ${DROP_IN}
sshd -t || { sh ./restore; exit 65; }
said=$(effective root)
for wanted do
  printf '%s\\n' "$said" | grep -qix "$wanted" || { sh ./restore; echo "sshd says: $(printf '%s\\n' "$said" | grep -i "^\${wanted%% *} ")" >&2; exit 66; }
done
${PLACE.arm}
${RELOAD}
reload || { sh ./undo "$token"; exit 70; }`;
