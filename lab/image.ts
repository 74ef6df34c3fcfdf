import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import type Dockerode from "dockerode";
import { z } from "zod";
import { stableHash } from "../core/values.ts";
import { type Entry, tarOf } from "./bundle.ts";
import { command } from "./command.ts";
import { inState, LABEL, STATE, timed } from "./state.ts";

export const SUITE = "trixie";
const DEFAULT_MIRROR = "http://deb.debian.org/debian";
const PACKAGES = [
  "openssh-server",
  "docker.io",
  "docker-cli",
  "iptables",
  "iproute2",
  "procps",
  "util-linux",
  "sudo",
  "ca-certificates",
  "tini",
] as const;

const SSHD_CONFIG = `
HostKey /lab/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /lab/ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
MaxSessions 10
MaxStartups 100
PerSourcePenalties no
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
Subsystem sftp internal-sftp
`.trimStart();

/** Starts and stops what systemd would run on a server. `host-service docker|ssh start|stop|kill`. */
const HOST_SERVICE = `#!/bin/bash
set -u
dockerd_pid() { pgrep -x -o dockerd; }
sshd_pid() { pgrep -o -f '^sshd: /usr/sbin/sshd -D'; }
gone() { for _ in $(seq 300); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.1; done; return 1; }
ended() { local pid; pid=$("$1") || return 0; kill "-$2" "$pid" && gone "$pid"; }
case "$1 $2" in
  "ssh start") sshd_pid >/dev/null || setsid /usr/sbin/sshd -D -e >>/var/log/sshd.log 2>&1 </dev/null & ;;
  "ssh stop") ended sshd_pid TERM ;;
  "ssh drop") pkill -KILL -f '^sshd-session:'; true ;;
  "docker start")
    dockerd_pid >/dev/null && exit 0
    rm -f /var/run/docker.pid
    setsid dockerd --host unix:///var/run/docker.sock --host unix:///lab/run/docker.sock --cgroup-parent "$LAB_CGROUP" \\
      >>/var/log/dockerd.log 2>&1 </dev/null & ;;
  "docker stop") ended dockerd_pid TERM ;;
  "docker kill") ended dockerd_pid KILL ;;
  *) echo "host-service docker|ssh start|stop" >&2; exit 64 ;;
esac
`;

/** Process 1 below tini: leftovers of an earlier boot go first, then both services, neither waiting for the other. */
const BOOT = `#!/bin/bash
mkdir -p /run/sshd /run/lock
chmod 1777 /run/lock
for tree in /sys/fs/cgroup/*"$LAB_CGROUP" /sys/fs/cgroup"$LAB_CGROUP"; do
  [ -d "$tree" ] && find "$tree" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null
done
if mkdir -p "/sys/fs/cgroup/memory$LAB_CGROUP" 2>/dev/null && [ -e "/sys/fs/cgroup/memory$LAB_CGROUP/memory.limit_in_bytes" ]; then
  echo "$LAB_MEMORY" >"/sys/fs/cgroup/memory$LAB_CGROUP/memory.limit_in_bytes"
fi
host-service ssh start
host-service docker start
exec sleep infinity
`;

/** Run in the bare Debian. `-p '*'`: without PAM sshd refuses accounts that are locked. */
const PREPARE = `
set -e
useradd -m -s /bin/bash -p '*' -G docker deploy
useradd -m -s /bin/bash -p '*' nodocker
`;

const FILES: readonly Entry[] = [
  { name: "etc/ssh/sshd_config", mode: 0o644, content: SSHD_CONFIG },
  { name: "usr/local/sbin/host-service", mode: 0o755, content: HOST_SERVICE },
  { name: "usr/local/sbin/boot", mode: 0o755, content: BOOT },
];

export const recipe = (parts: unknown): string => `${SUITE}-${stableHash(parts).slice(0, 12)}`;
export const BASE_IMAGE = `slipway-lab/base:${recipe(PACKAGES)}`;
/** The tag is a hash of the recipe, so that a changed recipe creates a new image. */
export const HOST_IMAGE = `slipway-lab/host:${recipe([PACKAGES, PREPARE, FILES])}`;

/** Builds the host image if the engine lacks it: a Debian with sshd and Docker, without SSH host keys. */
export async function ensureHostImage(docker: Dockerode): Promise<void> {
  if (await hasImage(docker, HOST_IMAGE)) return;
  await ensureBase(docker);
  await timed("create the host image", () => prepare(docker));
}

export const hasImage = (docker: Dockerode, name: string): Promise<boolean> =>
  docker
    .getImage(name)
    .inspect()
    .then(
      () => true,
      () => false,
    );

/** The Debian that every image of the lab is based on. */
export async function ensureBase(docker: Dockerode): Promise<void> {
  if (!(await hasImage(docker, BASE_IMAGE))) await makeBase(docker);
}

async function makeBase(docker: Dockerode): Promise<void> {
  const root = inState("rootfs");
  await rm(root, { recursive: true, force: true });
  await timed(`debootstrap ${SUITE}`, async () => debootstrap(root, await mirror()));
  await timed("import it as an image", () => importFolder(docker, root));
  await rm(root, { recursive: true, force: true });
}

const debootstrap = (root: string, from: string): Promise<string> =>
  command(["debootstrap", "--variant=minbase", `--include=${PACKAGES.join(",")}`, SUITE, root, from], { timeout: 900 });

/** The Debian mirror that this machine uses, so that a machine with its own mirror needs no setting. */
export async function mirror(): Promise<string> {
  const format = "$(REPO_URI) $(ORIGIN) $(LABEL)";
  const targets = await command(["apt-get", "indextargets", "--format", format]).catch(() => "");
  const debian = targets.split("\n").find((line) => line.endsWith(" Debian Debian"));
  return debian?.split(" ")[0] ?? DEFAULT_MIRROR;
}

async function prepare(docker: Dockerode): Promise<void> {
  const container = await docker.createContainer({
    Image: BASE_IMAGE,
    Cmd: ["sh", "-c", PREPARE],
    Labels: { [LABEL]: STATE },
    HostConfig: { NetworkMode: "none" },
  });
  try {
    await container.putArchive(await tarOf(FILES), { path: "/" });
    await container.start();
    const { StatusCode }: { StatusCode: number } = await container.wait();
    if (StatusCode !== 0) throw new Error(`preparing the host image: ${await container.logs({ stdout: true, stderr: true })}`);
    const [repo, tag] = HOST_IMAGE.split(":");
    await container.commit({ repo, tag, changes: 'CMD ["tini", "--", "boot"]' });
  } finally {
    await container.remove({ force: true });
  }
}

async function importFolder(docker: Dockerode, root: string): Promise<void> {
  // hosts must not share an SSH host key, so no layer has one; the rest saves space
  const without = ["./dev/*", "./etc/ssh/ssh_host_*", "./var/lib/apt/lists/*", "./var/cache/apt/*", "./usr/share/doc/*"];
  const args = ["-C", root, "--numeric-owner", ...without.map((pattern) => `--exclude=${pattern}`), "-c", "."];
  const tar = spawn("tar", args, { stdio: ["ignore", "pipe", "inherit"] });
  const packed = once(tar, "exit");
  const [repo, tag] = BASE_IMAGE.split(":");
  await followed(docker, await docker.importImage(tar.stdout, { repo, tag }));
  const [code] = await packed;
  if (code !== 0) throw new Error(`tar of the host image: exit code ${code}`);
}

const Progress = z.object({ error: z.string().optional() });

/** Waits for the end of a progress stream of Docker; an error in it is thrown. */
export async function followed(docker: Dockerode, stream: NodeJS.ReadableStream): Promise<void> {
  const lines = await new Promise<unknown[]>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output: unknown[]) => (error === null ? resolve(output) : reject(error)));
  });
  const failed = lines.map((line) => Progress.safeParse(line).data?.error).find((error) => error !== undefined);
  if (failed !== undefined) throw new Error(failed);
}
