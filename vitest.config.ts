import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const layers = "{core,config,hosts,providers,components,registry,cli,tools}";

export default defineConfig({
  test: {
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
          // Two files at once, each on hosts of its own: a test waits more than it works.
          maxWorkers: 2,
          // A worker goes on with the next file: a process and the modules anew for each would cost 1.5 s of CPU.
          isolate: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
