import { TrialPlace } from "../steps/trial.ts";

/** What we run on hosts, as root. All of it is for a POSIX shell; sudo's own PATH may lack the tools. */
const START = `PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077
tool() { case $1 in 4) echo iptables ;; 6) echo ip6tables ;; esac; }`;

/**
 * load FAMILY FILE: our chains and what leads into them, all in one step of the kernel. Chains of others are not named in it, so they
 * stay as they are. DOCKER-USER is there before Docker is: Docker takes it as it finds it.
 */
export const LOAD = `${START}
hooks() { "$(tool "$1")" -w 10 -S | grep -E '^-A (INPUT|DOCKER-USER) .*-j SLIPWAY-[A-Z]+$'; }
load() {
  tool=$(tool "$1")
  $tool -w 10 -n -L DOCKER-USER >/dev/null 2>&1 || $tool -w 10 -N DOCKER-USER || return 1
  { echo '*filter'; hooks "$1" | sed 's/^-A/-D/'; cat "$2"; echo COMMIT; } | $tool-restore -w 10 --noflush
}
failed=''`;

/** $1: what sshd says of our connection, then the files to look for. Words first, so that a line speaks for itself. */
export const LOOK = `${START}
connection=$1; shift
command -v iptables >/dev/null || { echo "without iptables"; exit 0; }
echo "ssh $connection"
# a host without IPv6 may say "unreachable default dev lo", and what comes in there is not from outside
{ ip -o -4 route show default; ip -o -6 route show default; } 2>/dev/null | grep -o ' dev [^ ]*' | grep -vx ' dev lo' | sed 's/ dev /interface /'
if [ -d /run/systemd/system ]; then
  [ -e /etc/systemd/system/multi-user.target.wants/slipway-firewall.service ] && echo "systemd on" || echo "systemd off"
else echo "systemd absent"; fi
for family in 4 6; do
  if rules=$("$(tool $family)" -w 10 -S 2>&1); then
    echo "family $family"
    printf '%s\\n' "$rules" | grep -E '^-A (INPUT|DOCKER-USER|SLIPWAY-[A-Z]+) ' | sed "s/^/rule $family /"
  elif [ $family = 4 ] || [ -s /proc/net/if_inet6 ]; then
    echo "broken $(printf '%s' "$rules" | head -n 1)"
  fi
done
for file do [ -e "$file" ] && sha256sum -- "$file" | sed 's/^/file /'; done
true`;

export const PLACE = new TrialPlace("/run/slipway-firewall", START);

/**
 * $1 token, $2 seconds, $3 rules of IPv4, $4 rules of IPv6 or empty. Loads them, and takes them back by itself after that time unless
 * somebody disarms it. What was ours before comes back; what is not ours is not in it.
 */
export const TRY = `${LOAD}
set -e
token=$1 seconds=$2
mkdir -p ${PLACE.folder}
cd ${PLACE.folder}
${PLACE.bury}
rm -f new.* undo*
printf %s "$3" >new.4
printf %s "$4" >new.6
for family in 4 6; do
  [ -s new.$family ] || continue
  tool=$(tool $family)
  before=$($tool -w 10 -S)
  {
    echo '*filter'
    sed -n 's/^-I/-D/p' new.$family
    if printf '%s\\n' "$before" | grep -q '^-N SLIPWAY-INPUT$'; then
      echo ':SLIPWAY-INPUT - [0:0]'
      echo ':SLIPWAY-FORWARD - [0:0]'
      printf '%s\\n' "$before" | grep '^-A SLIPWAY-' || true
      hooks $family | sed 's/^-A/-I/' || true
    else
      for chain in SLIPWAY-INPUT SLIPWAY-FORWARD; do echo "-F $chain"; done
      for chain in SLIPWAY-INPUT SLIPWAY-FORWARD; do echo "-X $chain"; done
    fi
    echo COMMIT
  } >undo.$family
done
# what was not loaded does not come off either: each restore does all or nothing
cat >undo <<'END'
${PLACE.decide}
[ ! -s undo.4 ] || iptables-restore -w 10 --noflush <undo.4
[ ! -s undo.6 ] || ip6tables-restore -w 10 --noflush <undo.6
END
${PLACE.arm}
for family in 4 6; do
  [ ! -s new.$family ] || load $family new.$family || failed=1
done
[ -z "$failed" ] || { sh ./undo "$token"; exit 70; }`;

/** Takes off what is ours, the unit too; $@: its files. DOCKER-USER goes if nobody else has anything in it or leads to it. */
export const WITHDRAW = `${LOAD}
for family in 4 6; do
  tool=$(tool $family)
  rules=$($tool -w 10 -S 2>/dev/null) || continue
  printf '%s\\n' "$rules" | grep -q '^-N SLIPWAY-INPUT$' || continue
  {
    echo '*filter'
    hooks $family | sed 's/^-A/-D/'
    for chain in SLIPWAY-INPUT SLIPWAY-FORWARD; do echo "-F $chain"; done
    for chain in SLIPWAY-INPUT SLIPWAY-FORWARD; do echo "-X $chain"; done
    echo COMMIT
  } | $tool-restore -w 10 --noflush || failed=1
  $tool -w 10 -X DOCKER-USER 2>/dev/null
done
[ ! -d /run/systemd/system ] || [ ! -e "$1" ] || systemctl disable --quiet slipway-firewall.service || failed=1
rm -f -- "$@"
rmdir /etc/slipway 2>/dev/null
[ ! -d /run/systemd/system ] || systemctl daemon-reload
[ -z "$failed" ]`;
