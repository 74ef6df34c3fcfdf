import { SlipwayError } from "../../core/error.ts";
import { together } from "../../core/together.ts";
import type { Bytes, HostName } from "../../core/words.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { authOf } from "./preflight.ts";
import type { Ready } from "./ready.ts";

/** Brings the image to every host that lacks it, all at once. The credentials travel with the call and stay nowhere. */
export async function pullEverywhere(inputs: ReleaseInputs, ready: readonly Ready[], run: Run): Promise<void> {
  const pulls = ready.flatMap(({ host, lacking }) => lacking.map((image) => ({ host, image })));
  const wanted = ready.reduce((sum, { images }) => sum + images.length, 0);
  const progress = new Progress(wanted, wanted - pulls.length);
  await together(pulls, async ({ host, image }) => {
    const key = `${host.name} ${image}`;
    const pulled = host.docker.pull(image, authOf(inputs), {
      progress: ({ current, total }) => run.report.status(progress.note(key, current, total)),
    });
    await pulled.catch((thrown: unknown) => {
      if (isExplained(thrown)) throw thrown;
      throw pullFailed(image, host.name, thrown);
    });
    run.report.status(progress.done(key));
  });
}

/** `pull 2/3 · 41 of 63 MB · 11 MB/s` */
class Progress {
  readonly #start = performance.now();
  readonly #bytes = new Map<string, { current: Bytes; total: Bytes }>();
  readonly #wanted: number;
  #ready: number;

  constructor(wanted: number, ready: number) {
    this.#wanted = wanted;
    this.#ready = ready;
  }

  /** @param pull one image on one host */
  note(pull: string, current: Bytes, total: Bytes): string {
    this.#bytes.set(pull, { current, total });
    return this.#line();
  }

  done(pull: string): string {
    this.#ready += 1;
    const last = this.#bytes.get(pull);
    if (last) this.#bytes.set(pull, { current: last.total, total: last.total });
    return this.#line();
  }

  #line(): string {
    const all = [...this.#bytes.values()];
    const current = all.reduce((sum, bytes) => sum + bytes.current, 0);
    const total = all.reduce((sum, bytes) => sum + bytes.total, 0);
    const rate = current / ((performance.now() - this.#start) / 1000);
    const pulls = `pull ${this.#ready}/${this.#wanted}`;
    // All layers are there already: only the image's own description comes.
    if (total === 0) return pulls;
    return `${pulls} · ${megabytes(current)} of ${megabytes(total)} MB · ${megabytes(rate)} MB/s`;
  }
}

const megabytes = (bytes: Bytes): string => (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0);

const pullFailed = (image: string, host: HostName, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "PULL_FAILED",
      what: `the image could not be pulled`,
      host,
      evidence: [image, thrown instanceof Error ? thrown.message : String(thrown)],
      servesNow: "what served before; nothing was switched",
      next: "check the registry, its login and the disk of that host, then run pulumi up again",
    },
    { cause: thrown },
  );
