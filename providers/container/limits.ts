import type { ContainerOptions } from "../../core/container/options.ts";
import type { Bytes } from "../../core/words.ts";
import type { Container } from "../../hosts/index.ts";

export const BILLION = 1e9;

/** What Docker can change on a running container. 0 is no limit, and no retry count. */
export interface Limits {
  readonly restart: { readonly name: string; readonly maximumRetryCount: number };
  readonly memory: Bytes;
  /** Billionths of a CPU. */
  readonly nanoCpus: number;
}

/** What is asked of a `Host`. */
interface Machine {
  readonly docker: { info(): Promise<{ readonly memory: Bytes; readonly cpus: number }> };
}

/**
 * The limits of a container. Docker cannot remove a limit from a running container, only raise it to what the host has; where none is
 * declared, such a limit counts as none.
 */
export async function limitsOf(
  { restartPolicy: restart, memoryLimit: memory, nanoCpus }: Pick<Container, "restartPolicy" | "memoryLimit" | "nanoCpus">,
  wanted: Pick<ContainerOptions, "memory" | "cpus">,
  { docker }: Machine,
): Promise<Limits> {
  const mayBeVoid = [wanted.memory === undefined && memory > 0, wanted.cpus === undefined && nanoCpus > 0];
  if (!mayBeVoid.includes(true)) return { restart, memory, nanoCpus };
  const most = await docker.info();
  return {
    restart,
    memory: mayBeVoid[0] && memory >= most.memory ? 0 : memory,
    nanoCpus: mayBeVoid[1] && nanoCpus >= most.cpus * BILLION ? 0 : nanoCpus,
  };
}

/** What differs from the declared limits, found → declared; all else of a container is fixed when it is created. */
export function editsOf(found: Limits, { restart, memory = 0, cpus = 0 }: ContainerOptions): string[] {
  const change = (what: string, now: string, wanted: string) => (now === wanted ? [] : [`${what} ${now} → ${wanted}`]);
  return [
    ...change("restart", policyText(found.restart), policyText(restart)),
    ...change("memory", memoryText(found.memory), memoryText(memory)),
    ...change("cpus", cpusText(found.nanoCpus), cpusText(Math.round(cpus * BILLION))),
  ];
}

const policyText = ({ name, maximumRetryCount = 0 }: { name: string; maximumRetryCount?: number | undefined }): string =>
  maximumRetryCount === 0 ? name : `${name}:${maximumRetryCount}`;

const KILOBYTE = 1024;

/** In the largest unit that shows it exactly: two limits that differ never read alike. */
function memoryText(bytes: Bytes): string {
  if (bytes === 0) return "no limit";
  if (bytes % KILOBYTE !== 0) return `${bytes} bytes`;
  const kilobytes = bytes / KILOBYTE;
  return kilobytes % KILOBYTE === 0 ? `${kilobytes / KILOBYTE} MB` : `${kilobytes} kB`;
}

const cpusText = (nanoCpus: number): string => (nanoCpus === 0 ? "no limit" : String(nanoCpus / BILLION));
