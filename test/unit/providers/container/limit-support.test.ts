import { describe, expect, it } from "vitest";
import { Info } from "../../../../hosts/docker/info.ts";
import { unsupportedLimits } from "../../../../providers/container/limit-support.ts";

const info = (more: object) => Info.parse({ DockerRootDir: "/var/lib/docker", ...more });
const SUPPORTED = { MemoryLimit: true, CpuCfsPeriod: true, CpuCfsQuota: true, PidsLimit: true };
const wanted = { memory: 67_108_864, cpus: 0.5, pidsLimit: 100 };

describe("a limit that the kernel of a host cannot enforce", () => {
  it("is named by its key, with the controller that is missing", () => {
    expect(unsupportedLimits(wanted, info({ ...SUPPORTED, MemoryLimit: false }).supports)).toEqual([
      { key: "memory", controller: "memory" },
    ]);
    expect(unsupportedLimits(wanted, info({ ...SUPPORTED, CpuCfsQuota: false }).supports)).toEqual([
      { key: "cpus", controller: "cpu" },
    ]);
    expect(unsupportedLimits(wanted, info({ ...SUPPORTED, PidsLimit: false }).supports)).toEqual([
      { key: "pids_limit", controller: "pids" },
    ]);
  });

  it("does not matter where it is not declared, or declared as no limit", () => {
    const none = { MemoryLimit: false, CpuCfsPeriod: false, CpuCfsQuota: false, PidsLimit: false };
    expect(unsupportedLimits({}, info(none).supports)).toEqual([]);
    expect(unsupportedLimits({ pidsLimit: -1 }, info(none).supports)).toEqual([]);
  });

  it("is none where Docker supports them, or is too old to say", () => {
    expect(unsupportedLimits(wanted, info(SUPPORTED).supports)).toEqual([]);
    expect(unsupportedLimits(wanted, info({}).supports)).toEqual([]);
  });
});
