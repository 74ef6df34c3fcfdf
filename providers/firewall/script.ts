import { UndoFolder } from "../steps/dead-man-switch.ts";

/** Scripts that run on hosts as root, for a POSIX shell. The PATH of sudo may lack the tools. */
const START = `PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077
tool() { case $1 in 4) echo iptables ;; 6) echo ip6tables ;; esac; }`;

/**
 * load FAMILY FILE: replaces our chains and our rules in the chains of others in one atomic step. Chains of others are not named, so they stay as they
 * are. DOCKER-USER is created if it is missing: Docker uses it as it finds it.
 */
export const LOAD = `${START}
hooks() { "$(tool "$1")" -w 10 -S | grep -E '^-A (INPUT|FORWARD|DOCKER-USER) .*--comment "?slipway:'; }
load() {
  tool=$(tool "$1")
  $tool -w 10 -n -L DOCKER-USER >/dev/null 2>&1 || $tool -w 10 -N DOCKER-USER || return 1
  { echo '*filter'; hooks "$1" | sed 's/^-A/-D/'; cat "$2"; echo COMMIT; } | $tool-restore -w 10 --noflush
}
failed=''`;

export const UNDO = new UndoFolder("/run/slipway-firewall", START);

/** $1 sshd's description of our connection, then the files to look for. Each line of output begins with a word that says what it is. */
export const OBSERVE_SCRIPT = `${START}
connection=$1; shift
command -v iptables >/dev/null || { echo "without iptables"; exit 0; }
echo "ssh $connection"
# a host without IPv6 may print "unreachable default dev lo", which is not an interface to the outside
{ ip -o -4 route show default; ip -o -6 route show default; } 2>/dev/null | grep -o ' dev [^ ]*' | grep -vx ' dev lo' | sed 's/ dev /interface /'
if [ -d /run/systemd/system ]; then
  [ -e /etc/systemd/system/multi-user.target.wants/slipway-firewall.service ] && echo "systemd on" || echo "systemd off"
else echo "systemd absent"; fi
for family in 4 6; do
  if rules=$("$(tool $family)" -w 10 -S 2>&1); then
    echo "family $family"
    printf '%s\\n' "$rules" | grep -E '^-A (INPUT|FORWARD|DOCKER-USER|SLIPWAY-[A-Z]+) ' | sed "s/^/rule $family /"
  elif [ $family = 4 ] || [ -s /proc/net/if_inet6 ]; then
    echo "broken $(printf '%s' "$rules" | head -n 1)"
  fi
done
for file do [ -e "$file" ] && sha256sum -- "$file" | sed 's/^/file /'; done
${UNDO.printUnconfirmed}
true`;

/**
 * $1 token, $2 seconds, $3 IPv4 rules, $4 IPv6 rules or empty. Loads them, and reverts to our previous rules after that time unless it
 * is confirmed. Rules of others are not touched.
 */
export const CLOSE_SCRIPT = `${LOAD}
set -e
token=$1 seconds=$2
mkdir -p ${UNDO.path}
cd ${UNDO.path}
${UNDO.revertStale}
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
# if loading failed, so does undoing it: each restore is all or nothing
cat >undo <<'END'
${UNDO.decide}
[ ! -s undo.4 ] || iptables-restore -w 10 --noflush <undo.4
[ ! -s undo.6 ] || ip6tables-restore -w 10 --noflush <undo.6
END
${UNDO.arm}
for family in 4 6; do
  [ ! -s new.$family ] || load $family new.$family || failed=1
done
[ -z "$failed" ] || { sh ./undo "$token"; exit 70; }`;

/** Removes our rules, the unit and its files ($@). DOCKER-USER is removed if it is empty and unused. */
export const WITHDRAW_SCRIPT = `${LOAD}
${UNDO.disarm}
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
