import { describe, expect, it } from "vitest";
import { BuildProgress } from "../../../../builder/buildx/progress.ts";

const fed = (text: string) => {
  const progress = new BuildProgress();
  const said = text.split("\n").flatMap((line) => progress.line(line) ?? []);
  return { progress, said };
};

const BUILT = `#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 84B done
#1 DONE 0.0s

#2 [1/3] FROM registry.example/node:24@sha256:9f31
#2 CACHED

#3 [2/3] RUN npm ci
#3 0.512 added 3 packages
#3 DONE 12.3s

#4 [3/3] COPY . .
#4 DONE 0.1s

#5 exporting to oci image format
#5 exporting layers 1.1s done
#5 DONE 1.3s`;

describe("the progress of a build", () => {
  it("counts the steps of the Dockerfile, and says which took long", () => {
    const { progress, said } = fed(BUILT);
    expect(progress.counts).toEqual({ steps: 3, cached: 1 });
    expect(said).toEqual(["[2/3] RUN npm ci   12.3 s"]);
    expect(progress.now).toBeUndefined();
  });

  it("is at the step that runs", () => {
    expect(fed(BUILT.slice(0, BUILT.indexOf("#3 DONE"))).progress.now).toBe("[2/3] RUN npm ci");
    expect(fed(`${BUILT.slice(0, BUILT.indexOf("#5 DONE"))}`).progress.now).toBe("exporting to oci image format");
  });

  it("has the step that failed, its last lines and the error", () => {
    const { progress } = fed(`#6 [2/2] RUN npm ci
#6 0.1 npm ERR! missing script
#6 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
------
 > [2/2] RUN npm ci:
0.1 npm ERR! missing script
------
Dockerfile:2
--------------------
   2 | >>> RUN npm ci
--------------------
ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1`);
    expect(progress.failure).toEqual({
      step: "[2/2] RUN npm ci",
      lines: ["npm ERR! missing script", 'ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1'],
    });
  });

  it("keeps the last lines of a step that printed many", () => {
    const printed = Array.from({ length: 100 }, (_, at) => `#6 0.1 line ${at}`).join("\n");
    const { lines } = fed(`#6 [2/2] RUN x\n${printed}\n#6 ERROR: exit code: 1`).progress.failure;
    expect(lines.length).toBeLessThan(20);
    expect(lines.slice(-2)).toEqual(["line 99", "ERROR: exit code: 1"]);
  });

  it("has what is said of no step, where none failed", () => {
    expect(fed("ERROR: Cannot connect to the Docker daemon").progress.failure).toEqual({
      lines: ["ERROR: Cannot connect to the Docker daemon"],
    });
  });

  it("prints nothing that a terminal obeys", () => {
    expect(fed("#1 [1/1] RUN \u001b[2Jx").progress.now).toBe("[1/1] RUN x");
  });
});
