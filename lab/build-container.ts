import { text } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { type Entry, tarOf } from "./bundle.ts";
import { mirror, SUITE } from "./image.ts";
import { LABEL, STATE } from "./state.ts";

/** A container in which an image of the lab is made. */
export interface BuildContainer {
  /** The image that it starts from: one of the lab's Debian. */
  readonly from: string;
  /** What is made in it, for errors. @example "the image of hosts without Docker" */
  readonly makes: string;
  /** Folders of this machine that it may read and write, by their place in it. */
  readonly folders?: Readonly<Record<string, string>>;
}

/** Runs `work` in a container with the machine's network, whose apt knows Debian's archive. It is gone at the end. */
export async function inBuildContainer(
  docker: Dockerode,
  { from, makes, folders = {} }: BuildContainer,
  work: (container: Dockerode.Container, run: (script: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const container = await docker.createContainer({
    Image: from,
    Cmd: ["sleep", "infinity"],
    Labels: { [LABEL]: STATE },
    HostConfig: {
      NetworkMode: "host",
      Mounts: Object.entries(folders).map(([Target, Source]) => ({ Type: "bind", Source, Target })),
    },
  });
  try {
    await container.putArchive(await tarOf([await aptSource()]), { path: "/" });
    await container.start();
    await work(container, (script) => run(container, script, makes));
  } finally {
    await container.remove({ force: true });
  }
}

const aptSource = async (): Promise<Entry> => ({
  name: "etc/apt/sources.list",
  mode: 0o644,
  content: `deb ${await mirror()} ${SUITE} main\n`,
});

/** Keeps the container as an image of a host: its first process boots it. @param image with its tag */
export async function keepAsHost(container: Dockerode.Container, image: string): Promise<void> {
  const [repo, tag] = image.split(":");
  await container.commit({ repo, tag, changes: 'CMD ["tini", "--", "boot"]' });
}

async function run(container: Dockerode.Container, script: string, makes: string): Promise<void> {
  const exec = await container.exec({ Cmd: ["sh", "-c", script], Tty: true, AttachStdout: true, AttachStderr: true });
  const output = await text(await exec.start({ Tty: true }));
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`preparing ${makes}: exit code ${ExitCode}\n${output.slice(-3000)}`);
}
