import type { Seconds } from "../../core/words.ts";
import { DOCKER_SOCKET } from "../docker/socket.ts";

/** What is watched counts as abandoned this long after the last line that the host received. */
export const HOST_TIMEOUT: Seconds = 20;

/**
 * Signals every process of a session: what Docker starts in a container leads one of its own. $1 signal, $2 the leader. Only what every
 * shell has built in, so that it also runs in a container with nothing but a shell.
 */
const SIGNAL = `signal=$1 leader=$2
for at in /proc/[0-9]*; do
  { read -r line <"$at/stat"; } 2>/dev/null || continue
  set -- \${line##*) }
  [ "$4" = "$leader" ] && kill -s "$signal" "\${at#/proc/}"
done
true`;

/** Docker's body of the exec that runs SIGNAL in a container. The script puts in the two values. */
const SIGNAL_WITHIN = JSON.stringify({
  User: "0",
  Cmd: ["sh", "-c", SIGNAL, "slipway-signal", "@SIGNAL@", "@LEADER@"],
  AttachStdout: true,
  AttachStderr: true,
});

/**
 * $1 `container` or `command`, $2 seconds that it may take to end by itself, $3 container, $4 the command's process, SIGNAL, SIGNAL_WITHIN.
 * It answers `watching` or, where the command can only be ended by a shell of its container, `shell`; or why it cannot watch.
 *
 * It ends what it watches when its input ends or nothing comes in time, and leaves it alone after the line `over`. Docker's socket is open
 * to this user, or Slipway could not use it; which program can talk to it differs. A host has one of these: a Debian or Ubuntu
 * perl, a Fedora or RHEL curl and python3, an Alpine the docker that it installs beside the engine.
 */
const WATCH = `
trap '' HUP INT PIPE TERM
kind=$1 grace=$2 container=$3 pid=$4 signal=$5 within=$6 socket=${DOCKER_SOCKET}
for tool in curl perl python3 docker none; do command -v "$tool" >/dev/null 2>&1 && break; done
# $1 method, $2 path, $3 body
request() {
  printf '%s %s HTTP/1.0\\r\\nHost: docker\\r\\nContent-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "$1" "$2" "\${#3}" "$3"
}
ask() {
  case $tool in
    curl) curl --silent --noproxy '*' --unix-socket "$socket" --request "$1" --header 'Content-Type: application/json' --data "$3" "http://docker$2" ;;
    perl) request "$@" | perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => shift) or exit 1; local $/; print $s <STDIN>; print <$s>' "$socket" ;;
    python3) request "$@" | python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.stdin.buffer.read()); sys.stdout.buffer.write(s.makefile("rb").read())' "$socket" ;;
  esac
}
docker_here() { docker --host "unix://$socket" "$@"; }
end_container() {
  if [ "$tool" = docker ]; then
    docker_here stop --time "$grace" "$container"
    docker_here rm --force --volumes "$container"
  else
    ask POST "/containers/$container/stop?t=$grace" ''
    # one that was not started, Docker does not remove by itself
    ask DELETE "/containers/$container?force=1&v=1" ''
  fi
}
# when it began: a later process with the same number began later
began() { { read -r line <"/proc/$pid/stat"; } 2>/dev/null || return 0; set -- \${line##*) }; shift 19; echo "$1"; }
send() {
  if [ -n "$root" ]; then $root sh -c "$signal" slipway-signal "$1" "$pid"; return; fi
  inner=$(sed -n 's/^NSpid:.*[[:space:]]//p' "/proc/$pid/status" 2>/dev/null)
  leader=\${inner:-$leader}
  if [ "$tool" = docker ]; then docker_here exec --user 0 "$container" sh -c "$signal" slipway-signal "$1" "$leader"; return; fi
  body=$(printf '%s' "$within" | sed "s/@SIGNAL@/$1/; s/@LEADER@/$leader/")
  id=$(ask POST "/containers/$container/exec" "$body" | sed -n 's/.*"Id": *"\\([0-9a-f]*\\)".*/\\1/p')
  ask POST "/exec/$id/start" '{}'
}
end_command() {
  [ -n "$born" ] && [ "$(began)" = "$born" ] || return
  send TERM
  while [ "$grace" -gt 0 ] && [ "$(began)" = "$born" ]; do sleep 1; grace=$((grace - 1)); done
  send KILL
}
answer=watching
if [ "$kind" = command ]; then
  born=$(began)
  if [ "$(id -u)" = 0 ]; then root=env
  elif sudo -n true </dev/null >/dev/null 2>&1; then root='sudo -n'
  else root='' answer=shell
  fi
  [ -n "$born" ] || answer="it does not see the process of the command"
fi
if [ "$tool" = none ] && [ "$kind$answer" != commandwatching ]; then
  answer="it has neither curl nor perl, python3 or docker to talk to Docker with"
fi
echo "$answer"
# KILL: the signals that are ignored here are ignored there, too
while beat=$(timeout -s KILL ${HOST_TIMEOUT} sh -c 'read -r beat && echo "$beat"'); do
  [ "$beat" = over ] && exit 0
done
# what was sent before the end may still be on its way to Docker
sleep 1
"end_$kind" </dev/null >/dev/null 2>&1
`;

/** The arguments of the command that watches. */
export const watchCommand = (kind: "container" | "command", grace: Seconds, container: string, pid = 0): string[] => [
  ...["sh", "-c", WATCH, "slipway-watch", kind, String(Math.ceil(grace)), container, String(pid), SIGNAL, SIGNAL_WITHIN],
];
