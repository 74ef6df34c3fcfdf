import { isIP } from "node:net";
import type { Deadline } from "../../core/deadline.ts";
import { wordLines } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { addressIn, type Host, listenerIn } from "../../hosts/index.ts";
import { parseOsRelease } from "../../providers/docker-engine/distribution.ts";
import type { Listener, Machine } from "./facts.ts";

/** One command for all facts, with programs that every Linux has. The time comes first: nothing slow may run before it. */
const LOOK = `
export LC_ALL=C
echo "now $(date +%s)"
echo "uid $(id -u)"
echo "groups $(id -nG)"
echo "cpu $(uname -m)"
sed 's/^/os /' /etc/os-release 2>/dev/null
sudo=none
if command -v sudo >/dev/null 2>&1; then
  if sudo -n true </dev/null >/dev/null 2>&1; then sudo=free; else sudo=asks; fi
fi
echo "sudo $sudo"
grep -E '^Mem(Total|Available):' /proc/meminfo 2>/dev/null
df -Pk /var/lib 2>/dev/null | sed -n 's/^/df /;$p'
(cd && ls -d .kamal/apps/*/env 2>/dev/null) | sed 's/^/kamal /'
ip -o addr show scope global 2>/dev/null | sed 's/^/interface /'
if command -v ss >/dev/null 2>&1; then
  echo "ss yes"
  if [ $sudo = free ]; then sudo -n ss -Hltnp; else ss -Hltnp; fi </dev/null 2>/dev/null | sed 's/^/listener /'
fi
`;

/** Reads facts about a host, and `df` of where Docker's data would be. */
export async function lookAtMachine(host: Host, deadline: Deadline): Promise<{ machine: Machine; df: string }> {
  const before = Date.now();
  const { stdout } = await host.run(["sh", "-c", LOOK, "slipway-doctor"], { deadline });
  return parseMachine(stdout, { before, after: Date.now() });
}

/** Our clock before and after the command. */
interface Span {
  readonly before: Milliseconds;
  readonly after: Milliseconds;
}

/** Pure part of `lookAtMachine`. */
export function parseMachine(stdout: string, span: Span): { machine: Machine; df: string } {
  const all = wordLines(stdout);
  const one = (key: string) => all(key)[0]?.trim() ?? "";
  if (!/^\d+$/.test(one("uid"))) throw new Error("unexpected output of the host's shell");
  const cpu = one("cpu");
  const sudo = SUDO.find((known) => known === one("sudo")) ?? "none";
  const machine = {
    uid: Number(one("uid")),
    groups: one("groups").split(" "),
    sudo,
    release: parseOsRelease(all("os").join("\n")),
    arch: ARCHITECTURES[cpu] ?? cpu,
    ahead: aheadBy(Number(one("now")), span),
    memory: parseMemory(stdout),
    addresses: all("interface").flatMap((line) => /\binet6? ([^\s/]+)/.exec(line)?.[1] ?? []),
    kamal: all("kamal").map((line) => line.trim()),
    listeners: one("ss") === "yes" ? all("listener").flatMap(parseListener) : undefined,
  };
  return { machine, df: one("df") };
}

const SUDO = ["free", "asks", "none"] as const;

/** `uname -m` → Docker's name. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  armv6l: "arm",
  i686: "386",
};

/** `date` gives whole seconds and ran at some time within our span: a time within both counts as equal. */
function aheadBy(now: Seconds, { before, after }: Span): Seconds {
  if (now > after / 1000) return Math.round(now - after / 1000);
  if (now + 1 < before / 1000) return -Math.round(before / 1000 - (now + 1));
  return 0;
}

function parseMemory(text: string): Machine["memory"] {
  const bytes = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) * 1024;
  const [total, available] = [bytes("MemTotal"), bytes("MemAvailable")];
  return Number.isFinite(total) && Number.isFinite(available) ? { total, available } : undefined;
}

/** `LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=812,fd=6))` */
function parseListener(line: string): Listener[] {
  const found = addressIn(line);
  if (found === undefined) return [];
  return [{ address: isIP(found.address) === 0 ? "*" : found.address, port: found.port, process: listenerIn(line) }];
}
