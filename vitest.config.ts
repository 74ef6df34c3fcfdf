import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { labFilesAtOnce } from "./tools/lab-lanes.ts";

const layers = "{core,config,kamal,hosts,providers,components,registry,builder,cli,tools}";

/** They install servers, boot machines or wait for a database, for a minute and more. Started last, one would leave the other lane idle. */
const LONG = [
  "test/lab/bare",
  "test/lab/buildkit",
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
  "test/engine/takeover",
  "test/faults/matrix/",
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

/**
 * They do little but wait for a deadline, or for a certificate that expires. `npm test` runs them beside the others, in a lane of their own.
 * A file that also works does not belong here: two cores are busy with two such files, and a third one makes all of them slower.
 */
const WAITING = [
  "test/engine/certificates.test.ts",
  "test/engine/cli/ends.test.ts",
  "test/faults/hosts.test.ts",
  "test/faults/interrupted.test.ts",
  "test/lab/hosts/lease*.test.ts",
  "test/lab/hosts/shell.test.ts",
  "test/lab/hosts/watch.test.ts",
  "test/provider/release/finishing.test.ts",
];

/** It declares 400 programs, which takes longer than all other unit tests together: it runs with the wire tests. */
const EVERY_KEY = "test/unit/components/app/later/keys.test.ts";

const onTheLab = {
  globalSetup: ["lab/setup.ts"],
  // A worker goes on with the next file: a new process with all modules would cost 1.5 s of CPU per file.
  isolate: false,
  testTimeout: 300_000,
  hookTimeout: 900_000,
  tags: [
    {
      name: "long",
      description:
        "More cases of what a quicker test asserts too, or minutes of waiting: `npm run test:all` runs them, `npm test` does not",
    },
  ],
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      {
        // As an example's user imports it.
        resolve: { alias: [{ find: /^slipway$/, replacement: join(import.meta.dirname, "components/index.ts") }] },
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", `${layers}/**/*.test.ts`],
          exclude: [EVERY_KEY],
          isolate: false,
          // By default one core stays with vitest itself, which has next to nothing to do here.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "wire",
          include: ["test/wire/**/*.test.ts", EVERY_KEY],
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
          // A new machine builds Pulumi and kamal-proxy first.
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/{provider,engine,faults,lab}/**/*.test.ts"],
          exclude: WAITING,
          maxWorkers: labFilesAtOnce(),
          ...onTheLab,
        },
      },
      { test: { name: "waiting", include: WAITING, maxWorkers: 1, ...onTheLab } },
    ],
  },
});
