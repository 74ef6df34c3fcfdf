import { Deadline } from "../../../core/deadline.ts";
import { temporaryLabels } from "../../../core/temporary.ts";
import { filesOf, VOLUMES } from "../../../providers/schedule/parts.ts";
import { stageVolume } from "../../../providers/steps/restore.ts";
import { requireSink } from "../declared-backup.ts";
import { startHelper } from "../helper.ts";
import { pipeToExec } from "../pipe-to-exec.ts";
import { swapOnHost } from "./swap.ts";
import { failed, type RestoreTask } from "./task.ts";

const ASIDE = "/aside";
const STAGE = "/stage";

const LOAD = `cd ${STAGE} && tar -xpf - && sync`;

/** Loaded into a volume of its own while the container runs; then, while it is stopped, the content of its volumes changes places. */
export async function restoreFiles(task: RestoreTask): Promise<string> {
  const { at, host, container, stamp } = task;
  const { docker } = host;
  const mounts = container.mounts.map(({ type, source, name, target }) => ({ kind: type, source: name ?? source, target }));
  const parts = filesOf(at.backup, { image: container.imageId, mounts });
  const places = parts.map(({ source, folder }) => ({ to: asideOf(source, stamp), place: `${ASIDE}/${folder}` }));
  const volumes = places.map(({ to }) => to).filter((to) => !to.startsWith("/"));
  const aside = `what was there before is in ${places.map(({ to }) => to).join(", ")}`;
  // One name for all: what a restore left that lost its connection goes before the next one.
  const stage = stageVolume(container.name);
  const binds = [
    `${stage}:${STAGE}`,
    ...parts.map(({ source, folder }) => `${source}:${VOLUMES}/${folder}`),
    ...places.map(({ to, place }) => `${to}:${place}`),
  ];
  await docker.removeVolume(stage);
  try {
    await load(task, stage);
    for (const volume of volumes) await docker.ensureVolume(volume, { "slipway.before": at.name });
    await swapOnHost(task, { data: { kind: "files", folder: VOLUMES, aside: ASIDE, stage: STAGE }, binds, aside });
    return aside;
  } finally {
    // Docker keeps it while the swap needs it.
    await docker.removeVolume(stage).catch(() => {});
  }
}

async function load(task: RestoreTask, stage: string): Promise<void> {
  const { at, host, container, content, say } = task;
  try {
    say("loading it beside what is there");
    const sink = await requireSink(at, host);
    const helper = await startHelper(host, `${container.name}-restore`, {
      Image: sink.imageId,
      Labels: temporaryLabels("slipway backup restore", at.inputs.stack, at.backup.timeout),
      User: "0",
      Entrypoint: ["sh"],
      Cmd: ["-c", LOAD, "slipway-restore"],
      HostConfig: { NetworkMode: "none", Binds: [`${stage}:${STAGE}`] },
    });
    const { code, stderr } = await pipeToExec(await content(), helper, Deadline.in(at.backup.timeout));
    if (code !== 0) throw new Error(stderr.trim() || `exit code ${code}`);
  } catch (thrown) {
    throw failed(task, thrown, `${container.name} with the files that it had`);
  }
}

const asideOf = (source: string, stamp: string): string =>
  source.startsWith("/") ? `${source.replace(/\/+$/, "")}.before-${stamp}` : `${source}-before-${stamp}`;
