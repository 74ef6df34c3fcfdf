import { z } from "zod";
import { flag, listOf, number, supported, text } from "./answer-parts.ts";

export const Version = z
  .object({ Version: z.string(), ApiVersion: z.string(), Arch: z.string(), Os: z.string() })
  .transform(({ Version: engine, ApiVersion, Arch, Os }) => ({ engine, api: ApiVersion, arch: Arch, os: Os }));

function momentIn(text: string): Date | undefined {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

const CONTAINERD = "io.containerd.snapshotter.v1";

export const Info = z
  .object({
    DockerRootDir: z.string(),
    NCPU: number,
    MemTotal: number,
    Warnings: listOf(z.string()),
    Containers: number,
    ContainersRunning: number,
    LoggingDriver: text,
    DriverStatus: listOf(z.array(z.string())),
    Swarm: z.object({ LocalNodeState: text }).nullish(),
    LiveRestoreEnabled: flag,
    SystemTime: text,
    MemoryLimit: supported,
    CpuCfsPeriod: supported,
    CpuCfsQuota: supported,
    PidsLimit: supported,
  })
  .transform((info) => ({
    rootDir: info.DockerRootDir,
    cpus: info.NCPU,
    memory: info.MemTotal,
    warnings: info.Warnings,
    containers: info.Containers,
    running: info.ContainersRunning,
    /** Of containers that name no log driver. */
    logDriver: info.LoggingDriver,
    /** Where images and containers are: containerd's store, or Docker's own layers. */
    store: info.DriverStatus.some(([, value]) => value === CONTAINERD) ? ("containerd" as const) : ("layers" as const),
    /** Whether it is a node of a Swarm, or is becoming one. */
    swarm: !["", "inactive"].includes(info.Swarm?.LocalNodeState ?? ""),
    /** Whether containers keep running while Docker restarts. */
    liveRestore: info.LiveRestoreEnabled,
    /** By the host's clock. */
    time: momentIn(info.SystemTime),
    /** Which limits of containers the kernel enforces. */
    supports: { memory: info.MemoryLimit, cpus: info.CpuCfsPeriod && info.CpuCfsQuota, pids: info.PidsLimit },
  }));
