import { describe, expect, it } from "vitest";
import { editsOf, type Limits, limitsOf } from "../../../../providers/container/limits.ts";
import { anAccessory } from "../accessory/fixture.ts";

const DB = anAccessory();
const MB = 1024 * 1024;
const FOUND: Limits = { restart: { name: "unless-stopped", maximumRetryCount: 0 }, memory: 0, nanoCpus: 0 };
const limited = { ...DB.options, memory: 256 * MB, cpus: 1.5 };

describe("edits of a running container's limits", () => {
  it("are none when all is as declared", () => {
    expect(editsOf(FOUND, DB.options)).toEqual([]);
    expect(editsOf({ ...FOUND, memory: 256 * MB, nanoCpus: 1.5e9 }, limited)).toEqual([]);
  });

  it("name what was found and what is declared, in readable units", () => {
    const found = { restart: { name: "no", maximumRetryCount: 0 }, memory: 64 * MB, nanoCpus: 5e8 };
    expect(editsOf(found, limited)).toEqual(["restart no → unless-stopped", "memory 64 MB → 256 MB", "cpus 0.5 → 1.5"]);
  });

  it("name a limit that is missing or not declared", () => {
    expect(editsOf(FOUND, limited)).toEqual(["memory no limit → 256 MB", "cpus no limit → 1.5"]);
    expect(editsOf({ ...FOUND, memory: 64 * MB, nanoCpus: 1.5e9 }, DB.options)).toEqual([
      "memory 64 MB → no limit",
      "cpus 1.5 → no limit",
    ]);
  });

  it("name the retries of a restart policy", () => {
    expect(editsOf({ ...FOUND, restart: { name: "on-failure", maximumRetryCount: 5 } }, DB.options)).toEqual([
      "restart on-failure:5 → unless-stopped",
    ]);
  });

  it("never print two different limits alike", () => {
    expect(editsOf({ ...FOUND, memory: 256 * MB + 1 }, limited)[0]).toBe("memory 268435457 bytes → 256 MB");
    expect(editsOf({ ...FOUND, memory: 256 * MB + 1024 }, limited)[0]).toBe("memory 262145 kB → 256 MB");
  });
});

describe("the limits of a container", () => {
  const restartPolicy = { name: "unless-stopped", maximumRetryCount: 0 };
  const machine = { docker: { info: async () => ({ memory: 1024 * MB, cpus: 2 }) } };
  const unlimited = { restart: restartPolicy, memory: 0, nanoCpus: 0 };

  it("are none where the host could not exceed them and none are declared", async () => {
    const container = { restartPolicy, memoryLimit: 1024 * MB, nanoCpus: 2e9 };
    expect(await limitsOf(container, {}, machine)).toEqual(unlimited);
    expect(await limitsOf({ ...container, memoryLimit: 64 * MB }, {}, machine)).toEqual({ ...unlimited, memory: 64 * MB });
  });

  it("are as found where they are declared, without a question to Docker", async () => {
    const silent = { docker: { info: () => Promise.reject(new Error("asked")) } };
    const container = { restartPolicy, memoryLimit: 1024 * MB, nanoCpus: 0 };
    expect(await limitsOf(container, { memory: 64 * MB }, silent)).toEqual({ ...unlimited, memory: 1024 * MB });
  });
});
