import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import type { Milliseconds } from "./core/words.ts";

const layers = "{core,config,hosts,providers,components,registry,cli,tools}";

/** They install servers, boot machines or wait for a database, for a minute and more. Started last, one would leave the other lane idle. */
const LONG = [
  "test/lab/bare",
  "test/lab/cloud-init",
  "test/lab/database",
  "test/lab/hetzner",
  "test/provider/accessory/",
  "test/provider/docker-engine",
  "test/provider/firewall",
  "test/provider/schedule/",
  "test/engine/accessories",
  "test/engine/cli/",
  "test/engine/hetzner",
  "test/engine/rename",
  "test/engine/schedule",
  "test/faults/hosts",
  "test/faults/interrupted",
];

/** Vitest sorts by earlier durations and, on a new machine, by file size, which says little about the lab. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      LONG.some((start) => relative(import.meta.dirname, moduleId).startsWith(start));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Of a process. Measured: 1.2 ms on a quiet virtual machine, above 8 ms on one whose memory is slow. */
const QUICK_START: Milliseconds = 4;

/**
 * Two files at once, each on hosts of its own: a test waits more than it works. Two cores that start processes slowly are busy with one
 * file and its hosts: with a second one, tests that measure moments fail.
 */
function labFilesAtOnce(): number {
  if (availableParallelism() > 2) return 2;
  const times = Array.from({ length: 9 }, () => {
    const began = performance.now();
    spawnSync("true");
    return performance.now() - began;
  });
  const median = times.sort((a, b) => a - b)[4] ?? Number.POSITIVE_INFINITY;
  return median < QUICK_START ? 2 : 1;
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", `${layers}/**/*.test.ts`],
          isolate: false,
          // By default one core stays with vitest itself, which has next to nothing to do here.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
        },
      },
      { test: { name: "wire", include: ["test/wire/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: "lab",
          include: ["test/{provider,engine,faults,lab}/**/*.test.ts"],
          globalSetup: ["lab/setup.ts"],
          maxWorkers: labFilesAtOnce(),
          // A worker goes on with the next file: a new process with all modules would cost 1.5 s of CPU per file.
          isolate: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
