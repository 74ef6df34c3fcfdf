import type Dockerode from "dockerode";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { KAMAL_PROXY } from "../../hosts/index.ts";
import type { LabHost } from "../../lab/host.ts";

const SERVICE = "bench-limit";
const APP_PORT = 3000;

/**
 * The minimum duration of a swap on these hosts: create, start, healthy, switch, and nothing else, with plain Docker calls to the
 * host's own socket. kamal-proxy checks the app's health before it switches, here every 10 ms.
 */
export async function swapWithPlainDocker(hosts: readonly LabHost[], image: string): Promise<Seconds> {
  const start = performance.now();
  const ends = await Promise.all(hosts.map((host) => swapOn(host, image)));
  await Promise.all(ends.map(({ cleanUp }) => cleanUp()));
  return Math.max(...ends.map(({ at }) => at - start)) / 1000;
}

interface Swap {
  readonly at: number;
  /** Removes the replaced containers; not part of the measurement. */
  readonly cleanUp: () => Promise<void>;
}

async function swapOn(host: LabHost, image: string): Promise<Swap> {
  const { docker } = host;
  const start = new Date();
  const old = await docker.listContainers({ all: true, filters: { label: [SERVICE] } });
  const container = await docker.createContainer({
    Image: image,
    Labels: { [SERVICE]: "" },
    HostConfig: { NetworkMode: KAMAL_PROXY.network, Init: true },
  });
  await container.start();
  await deploy(docker, `${container.id.slice(0, 12)}:${APP_PORT}`);
  const at = performance.now();
  return {
    at,
    cleanUp: () =>
      removeUntilReported(
        host,
        start,
        old.map(({ Id }) => Id),
      ),
  };
}

/** Docker reports a removal a moment after it has answered; that event must not count for the next run. */
async function removeUntilReported(host: LabHost, since: Date, ids: readonly string[]): Promise<void> {
  await removeAll(host.docker, ids);
  const reported = async () => {
    const destroyed = new Set((await host.mutations(since)).flatMap(({ action, id }) => (action === "destroy" ? [id] : [])));
    return ids.every((id) => destroyed.has(id)) ? true : undefined;
  };
  await Deadline.in(10).until(reported, () => new Error(`${host.name}: Docker does not report a removal`));
}

async function deploy(docker: Dockerode, target: string): Promise<void> {
  const health = ["--health-check-interval=10ms", "--health-check-path=/up"];
  const command = ["kamal-proxy", "deploy", SERVICE, `--target=${target}`, `--host=${SERVICE}.test`, ...health];
  const exec = await docker.getContainer(KAMAL_PROXY.container).exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const output = await exec.start({ hijack: false });
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(Buffer.from(chunk));
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`${command.join(" ")}: exit code ${ExitCode}\n${Buffer.concat(chunks)}`);
}

/** Removes what the last of these swaps left. */
export const removeLimit = (hosts: readonly LabHost[]): Promise<unknown> =>
  Promise.all(
    hosts.map(async ({ docker }) => {
      const left = await docker.listContainers({ all: true, filters: { label: [SERVICE] } });
      await removeAll(
        docker,
        left.map(({ Id }) => Id),
      );
    }),
  );

async function removeAll(docker: Dockerode, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => docker.getContainer(id).remove({ force: true, v: true })));
}
