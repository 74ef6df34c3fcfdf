import { Readable } from "node:stream";
import { Deadline } from "../../../core/deadline.ts";
import { temporaryLabels } from "../../../core/temporary.ts";
import { filesOf, VOLUMES } from "../../../providers/schedule/parts.ts";
import { startHelper } from "../helper.ts";
import { pipeToExec } from "../pipe-to-exec.ts";
import { failed, type RestoreTask } from "./task.ts";

const ASIDE = "/aside";
const STAGE = "/stage";
const STOP = 60;

/** By what every image has; a pattern that finds nothing stays as it is, and is no file. */
const EMPTY = `empty() { rm -rf "$1"/* "$1"/.[!.]* "$1"/..?*; }`;

const LOAD = `cd ${STAGE} && exec tar -xpf -`;

/** What is there goes aside; when all of it is there, what was loaded comes. It needs no input, so it completes even if this process is gone. */
const SWAP = `${EMPTY}
set -e
cd ${VOLUMES}
for part in *; do cp -a "$part/." "${ASIDE}/$part/"; done
: >${STAGE}/.aside
for part in *; do
  empty "$part"
  if [ -d "${STAGE}/$part" ]; then cp -a "${STAGE}/$part/." "$part/"; fi
done`;

/** Only of what is aside as a whole was anything deleted. */
const PUT_BACK = `${EMPTY}
set -e
[ -e ${STAGE}/.aside ] || exit 0
cd ${VOLUMES}
for part in *; do
  empty "$part"
  cp -a "${ASIDE}/$part/." "$part/"
done`;

/** Loaded into a volume of its own while the container runs; then, while it is stopped, the content of its volumes changes places. */
export async function restoreFiles(task: RestoreTask): Promise<string> {
  const { at, host, container, content, stamp, say } = task;
  const { docker } = host;
  const mounts = container.mounts.map(({ type, source, name, target }) => ({ kind: type, source: name ?? source, target }));
  const parts = filesOf(at.backup, { image: container.imageId, mounts });
  const aside = parts.map(({ source, folder }) => ({ to: asideOf(source, stamp), place: `${ASIDE}/${folder}` }));
  const stage = `${container.name}-restore-${stamp}`;
  const both = [
    ...parts.map(({ source, folder }) => `${source}:${VOLUMES}/${folder}`),
    ...aside.map(({ to, place }) => `${to}:${place}`),
  ];
  const run = async (script: string, binds: readonly string[], input: Readable): Promise<void> => {
    const helper = await startHelper(host, stage, {
      Image: at.inputs.image,
      Labels: temporaryLabels("slipway backup restore", at.inputs.stack, at.backup.timeout),
      User: "0",
      Entrypoint: ["sh"],
      Cmd: ["-c", script.trim(), "slipway-restore"],
      HostConfig: { NetworkMode: "none", Binds: [`${stage}:${STAGE}`, ...binds] },
    });
    const { code, stderr } = await pipeToExec(input, helper, Deadline.in(at.backup.timeout));
    if (code !== 0) throw new Error(stderr.trim() || `exit code ${code}`);
  };
  try {
    say("loading it beside what is there");
    await run(LOAD, [], await content());
    for (const { to } of aside) if (!to.startsWith("/")) await docker.ensureVolume(to, { "slipway.before": at.name });
    say("stopping it");
    await docker.stop(container.id, STOP);
    try {
      await run(SWAP, both, Readable.from([]));
    } catch (thrown) {
      await run(PUT_BACK, both, Readable.from([]));
      throw thrown;
    } finally {
      await docker.start(container.id);
    }
  } catch (thrown) {
    throw failed(task, thrown, `${container.name} with the files that it had`);
  } finally {
    await docker.removeVolume(stage);
  }
  return `what was there before is in ${aside.map(({ to }) => to).join(", ")}`;
}

const asideOf = (source: string, stamp: string): string =>
  source.startsWith("/") ? `${source.replace(/\/+$/, "")}.before-${stamp}` : `${source}-before-${stamp}`;
