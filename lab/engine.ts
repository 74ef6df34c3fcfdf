import { access, readFile, rm, writeFile } from "node:fs/promises";
import Dockerode from "dockerode";
import { Deadline } from "../core/deadline.ts";
import { Daemon } from "./daemon.ts";
import { installPackages } from "./packages.ts";
import { folder, inState, timed } from "./state.ts";

const daemon = new Daemon("dockerd");
const ownSocket = (): string => inState("run", "docker.sock");
const GIVEN_SOCKET = "/var/run/docker.sock";

/** The Docker engine that runs the hosts: the lab's own if it is running, else an existing one of this machine, else the lab's is started. */
export async function startEngine(): Promise<Dockerode> {
  const running = await findEngine();
  await installPackages(running === undefined ? "ours" : "given");
  return running ?? timed("start dockerd", startOwnEngine);
}

/** The running engine, if any. The lab's own is restarted if it crashed: only it can stop the hosts that it left running. */
export async function findEngine(): Promise<Dockerode | undefined> {
  if (await daemon.crashed()) return timed("restart dockerd after a crash", startOwnEngine);
  const ours = (await daemon.pid()) === undefined ? undefined : await answering(ownSocket());
  return ours ?? answering(GIVEN_SOCKET);
}

/** Stops the lab's own engine; its images stay on disk. */
export const stopEngine = (): Promise<void> => daemon.stop(30);

async function answering(socketPath: string): Promise<Dockerode | undefined> {
  if (
    !(await access(socketPath).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  const docker = new Dockerode({ socketPath });
  return docker.ping().then(
    () => docker,
    () => undefined,
  );
}

async function startOwnEngine(): Promise<Dockerode> {
  const config = `${await folder("run")}/dockerd-config.json`;
  await writeFile(config, "{}"); // so that the machine's /etc/docker/daemon.json has no effect
  await clearRemains();
  await daemon.start([
    "/usr/sbin/dockerd",
    `--config-file=${config}`,
    `--data-root=${await folder("engine")}`,
    `--exec-root=${await folder("run", "engine")}`,
    `--pidfile=${inState("run", "dockerd.pid")}`,
    `--host=unix://${ownSocket()}`,
    // Hosts reach each other and the registry on their bridge, not the internet, so the machine's firewall stays as it is.
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
  ]);
  const up = async () => {
    if ((await daemon.pid()) === undefined) throw new Error(`dockerd ended:\n${await daemon.lastLines()}`);
    return answering(ownSocket());
  };
  const docker = await Deadline.in(60).until(up, () => new Error(`dockerd does not answer; see ${daemon.log}`));
  return docker;
}

/** A killed dockerd leaves pid files that keep the next one from starting, and a containerd that ends a moment later. */
async function clearRemains(): Promise<void> {
  const pidFile = inState("run", "engine", "containerd", "containerd.pid");
  const pid = await readFile(pidFile, "utf8").catch(() => undefined);
  const gone = async () => {
    const line = pid === undefined ? "" : await readFile(`/proc/${pid.trim()}/cmdline`, "utf8").catch(() => "");
    return line.includes(inState("run", "engine")) ? undefined : true;
  };
  await Deadline.in(5)
    .until(gone, () => new Error("still there"))
    .catch(() => process.kill(Number(pid), "SIGKILL"));
  for (const file of [pidFile, inState("run", "dockerd.pid")]) await rm(file, { force: true });
}
