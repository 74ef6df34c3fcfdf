import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Bytes, HostName, Seconds } from "../../core/words.ts";
import type { Run } from "../provider.ts";
import { together } from "./crew.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { authOf, type Ready } from "./preflight.ts";

/** A large image over a slow line. No progress for this long in all, and the run gives up. */
const PULL_PATIENCE: Seconds = 1800;

/** Brings the image to every host that lacks it, all at once. The credentials travel with the call and stay nowhere. */
export async function pullEverywhere(inputs: ReleaseInputs, ready: readonly Ready[], run: Run): Promise<void> {
  const lacking = ready.filter(({ imagePresent }) => !imagePresent);
  const progress = new Progress(ready.length, ready.length - lacking.length);
  await together(lacking, async ({ host }) => {
    const pulled = host.docker.pull(inputs.image, authOf(inputs), {
      deadline: Deadline.in(PULL_PATIENCE),
      progress: ({ current, total }) => run.report.status(progress.note(host.name, current, total)),
    });
    await pulled.catch((thrown: unknown) => {
      throw pullFailed(inputs, host.name, thrown);
    });
    run.report.status(progress.done(host.name));
  });
}

/** `pull 2/3 · 41 of 63 MB · 11 MB/s` */
class Progress {
  readonly #start = performance.now();
  readonly #bytes = new Map<HostName, { current: Bytes; total: Bytes }>();
  readonly #hosts: number;
  #ready: number;

  constructor(hosts: number, ready: number) {
    this.#hosts = hosts;
    this.#ready = ready;
  }

  note(host: HostName, current: Bytes, total: Bytes): string {
    this.#bytes.set(host, { current, total });
    return this.#line();
  }

  done(host: HostName): string {
    this.#ready += 1;
    const last = this.#bytes.get(host);
    if (last) this.#bytes.set(host, { current: last.total, total: last.total });
    return this.#line();
  }

  #line(): string {
    const all = [...this.#bytes.values()];
    const current = all.reduce((sum, bytes) => sum + bytes.current, 0);
    const total = all.reduce((sum, bytes) => sum + bytes.total, 0);
    const rate = current / ((performance.now() - this.#start) / 1000);
    const hosts = `pull ${this.#ready}/${this.#hosts}`;
    // All layers are there already: only the image's own description comes.
    if (total === 0) return hosts;
    return `${hosts} · ${megabytes(current)} of ${megabytes(total)} MB · ${megabytes(rate)} MB/s`;
  }
}

const megabytes = (bytes: Bytes): string => (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0);

const pullFailed = (inputs: ReleaseInputs, host: HostName, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      what: `the image could not be pulled`,
      host,
      evidence: [inputs.image, thrown instanceof Error ? thrown.message : String(thrown)],
      servesNow: "what served before; nothing was switched",
      next: "check the registry, its login and the disk of that host, then run pulumi up again",
    },
    { cause: thrown },
  );
