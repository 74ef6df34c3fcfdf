import type { Seconds } from "../../../core/words.ts";
import { ConnectionLost, DOCKER_SOCKET } from "../../../hosts/index.ts";
import { commandOf, fileEntry, PROGRAMS, programFiles } from "../../../providers/schedule/programs.ts";
import type { SwappedData, SwapSpec } from "../../../providers/schedule/runner/swap-spec.ts";
import {
  awaitRestore,
  type EndedRestore,
  forgetRestore,
  isRestoreOf,
  restoreLabels,
  restoreName,
} from "../../../providers/steps/restore.ts";
import { requireSink } from "../declared-backup.ts";
import { failed, type RestoreTask } from "./task.ts";

const SPEC_FILE = `${PROGRAMS}/swap.json`;
const JOURNAL = `${PROGRAMS}/journal`;
const STOP_GRACE: Seconds = 60;
/** Docker starts it again when it was killed, with the machine or alone. */
const TRIES = 5;

/** What changes places on the host. */
export interface OnHost {
  readonly data: SwappedData;
  readonly ready?: NonNullable<SwapSpec["ready"]>;
  /** Volumes and folders, as Docker mounts them. */
  readonly binds: readonly string[];
  /** Where the data of before will be, as shown. */
  readonly aside: string;
}

/**
 * Stops the accessory, swaps its data and starts it again, in a container of its own on the host: it needs no connection once it has
 * begun. Resolves when it has ended; rejects with what serves then.
 */
export async function swapOnHost(task: RestoreTask, { data, ready, binds, aside }: OnHost): Promise<void> {
  const { at, host, container, kept, lease, say } = task;
  const { docker } = host;
  const spec: SwapSpec = { container: container.id, grace: STOP_GRACE, data, ...(ready === undefined ? {} : { ready }) };
  const limit = at.backup.timeout + STOP_GRACE;
  const begin = async (): Promise<void> => {
    const name = restoreName(container.name);
    const there = await docker.inspect(name);
    // A name that something else has is refused by Docker.
    if (there !== undefined && isRestoreOf(there, container.name)) {
      // It was on its way when the connection was lost.
      if (there.state.status !== "created") return;
      await docker.remove(there.id, { force: true, anonymousVolumes: true });
    }
    const [program = "", ...args] = commandOf("swap", SPEC_FILE, JOURNAL);
    const { id } = await docker.create(name, {
      Image: (await requireSink(at, host)).imageId,
      Labels: restoreLabels({ container: container.name, backup: kept.id, aside, limit }, at.inputs.stack),
      User: "0",
      Entrypoint: [program],
      Cmd: args,
      HostConfig: {
        NetworkMode: "none",
        Binds: [`${DOCKER_SOCKET}:${DOCKER_SOCKET}`, ...binds],
        RestartPolicy: { Name: "on-failure", MaximumRetryCount: TRIES },
        // Its log has its end.
        LogConfig: { Type: "json-file", Config: {} },
      },
    });
    await docker.writeFiles(id, "/", [...programFiles([]), fileEntry(SPEC_FILE, Buffer.from(JSON.stringify(spec)), 0o600)]);
    await docker.start(id);
  };
  const untouched = (thrown: unknown) => failed(task, thrown, `${container.name} with the data that it had`);
  let ended: EndedRestore | undefined;
  const carryOut = async (): Promise<EndedRestore> => {
    if (ended === undefined) {
      const refused = await begin().then(() => undefined, unlessLost);
      ended = await awaitRestore(host, container.name, { status() {} });
      if (ended === undefined) throw untouched(refused?.thrown ?? new Error("it was removed by another program"));
    }
    await forgetRestore(host, container.name);
    return ended;
  };
  say(`stopping ${container.name}, swapping its data, starting it again`);
  const { end } = await lease.through(carryOut, {
    servesNow: `${container.name} with the backup or with the data that it had, after it was stopped for a moment: ${host.name} completes that by itself`,
    next: `check the network, then slipway backup restore ${at.name} again: it says how that ended`,
  });
  if (end.end === "taken back")
    throw failed(task, new Error(end.why), `${container.name} with the data that it had, started again`, end.evidence);
}

/** After a loss the host is asked what came of it. */
function unlessLost(thrown: unknown): { readonly thrown: unknown } {
  if (thrown instanceof ConnectionLost) throw thrown;
  return { thrown };
}
