import { z } from "zod";
import { flag, listOf, mapOf, number, text } from "./answer-parts.ts";

const labels = mapOf(z.string());

export const ContainerState = z.enum(["created", "running", "paused", "restarting", "removing", "exited", "dead"]);
export type ContainerState = z.infer<typeof ContainerState>;

/** Docker puts a slash before a container's name. */
const name = z.string().transform((written) => written.replace(/^\//, ""));

/** A container in a list. */
export const ContainerSummary = z
  .object({
    Id: z.string(),
    Names: listOf(name),
    Image: text,
    ImageID: text,
    State: ContainerState,
    Labels: labels,
    Created: number,
    Mounts: listOf(z.object({ Type: text, Name: text, Source: text, RW: z.boolean().nullish() })),
  })
  .transform(({ Id, Names, Image, ImageID, State, Labels, Created, Mounts }) => ({
    id: Id,
    // A linked container has several names; its own has no further slash.
    name: Names.find((candidate) => !candidate.includes("/")) ?? Names[0] ?? "",
    image: Image,
    imageId: ImageID,
    state: State,
    labels: Labels,
    /** Names of the volumes that it mounts. */
    volumes: Mounts.flatMap(({ Type, Name }) => (Type === "volume" ? [Name] : [])),
    /** What it can write to on the host: names of volumes, and absolute paths. */
    writes: Mounts.flatMap(({ Type, Name, Source, RW }) => (RW === false ? [] : [Type === "volume" ? Name : Source])).filter(
      Boolean,
    ),
    /** Unix time in seconds. */
    created: Created,
  }));
export type ContainerSummary = z.infer<typeof ContainerSummary>;

const State = z
  .object({
    Status: ContainerState,
    Running: flag,
    ExitCode: number,
    OOMKilled: flag,
    Error: text,
    Pid: number,
    StartedAt: text,
    FinishedAt: text,
    Health: z.object({ Status: z.string(), Log: listOf(z.object({ Output: text })) }).nullish(),
  })
  .transform(({ Status, Running, ExitCode, OOMKilled, Error: error, Pid, StartedAt, FinishedAt, Health }) => {
    const health = HEALTH.find((known) => known === Health?.Status);
    return {
      status: Status,
      running: Running,
      exitCode: ExitCode,
      oomKilled: OOMKilled,
      error,
      /** Of its first process, as the host numbers it; 0 while it does not run. */
      pid: Pid,
      startedAt: StartedAt,
      finishedAt: FinishedAt,
      ...(health === undefined ? {} : { health }),
      /** What the last run of its HEALTHCHECK printed. */
      healthOutput: Health?.Log.at(-1)?.Output ?? "",
    };
  });
const HEALTH = ["starting", "healthy", "unhealthy"] as const;

const Mount = z
  .object({ Type: text, Source: text, Name: text, Destination: text, RW: flag })
  .transform(({ Type, Source, Name, Destination, RW }) => ({
    type: Type,
    source: Source,
    ...(Name === "" ? {} : { name: Name }),
    target: Destination,
    readOnly: !RW,
  }));

const Bindings = mapOf(listOf(z.object({ HostIp: text, HostPort: text })));

const NANOSECONDS = 1e9;

/** When Docker runs a HEALTHCHECK, in seconds; 0 is written for Docker's own default. */
const Healthcheck = z
  .object({ Test: listOf(z.string()), Interval: number, Retries: number, StartPeriod: number })
  .nullish()
  .transform((written) => {
    if (written == null || written.Test.length === 0 || written.Test[0] === "NONE") return undefined;
    return {
      interval: written.Interval / NANOSECONDS || 30,
      retries: written.Retries || 3,
      startPeriod: written.StartPeriod / NANOSECONDS,
    };
  });

/** A container in detail. */
export const Container = z
  .object({
    Id: z.string(),
    Name: name,
    Image: text,
    Path: text,
    Args: listOf(z.string()),
    RestartCount: number,
    State,
    Mounts: listOf(Mount),
    Config: z.object({
      Image: text,
      Env: listOf(z.string()),
      Labels: labels,
      Cmd: listOf(z.string()),
      User: text,
      StopSignal: text,
      StopTimeout: z.number().nullish(),
      Healthcheck,
    }),
    HostConfig: z.object({
      RestartPolicy: z.object({ Name: text, MaximumRetryCount: number }).nullish(),
      NetworkMode: text,
      LogConfig: z.object({ Type: text, Config: mapOf(z.string()) }).nullish(),
      Memory: number,
      NanoCpus: number,
      PortBindings: Bindings,
    }),
    NetworkSettings: z.object({ Networks: mapOf(z.object({ IPAddress: text, GlobalIPv6Address: text })), Ports: Bindings }),
  })
  .transform(({ Id, Name, Image, Path, Args, RestartCount, State: state, Mounts, Config, HostConfig, NetworkSettings }) => ({
    id: Id,
    name: Name,
    /** The reference that it was created from. */
    image: Config.Image,
    imageId: Image,
    labels: Config.Labels,
    env: Config.Env,
    state,
    /** How often Docker has started it again by itself. */
    restarts: RestartCount,
    restartPolicy: {
      name: HostConfig.RestartPolicy?.Name || "no",
      maximumRetryCount: HostConfig.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    /** By network; networks in which it has no address now are left out. */
    addresses: Object.fromEntries(
      Object.entries(NetworkSettings.Networks).flatMap(([network, { IPAddress, GlobalIPv6Address }]) => {
        const address = IPAddress || GlobalIPv6Address;
        return address === "" ? [] : [[network, address]];
      }),
    ),
    /** Published ports; for a stopped container, the ports that it was created with. */
    ports: portsOf(Object.keys(NetworkSettings.Ports).length > 0 ? NetworkSettings.Ports : HostConfig.PortBindings),
    /** Billionths of a CPU; 0 is no limit. */
    nanoCpus: HostConfig.NanoCpus,
    command: Config.Cmd,
    /** What it runs: entrypoint and command together. */
    process: [Path, ...Args].filter((word) => word !== ""),
    /** `1000:1000`, `node`; empty for root. */
    user: Config.User,
    mounts: Mounts,
    networkMode: HostConfig.NetworkMode,
    logConfig: { type: HostConfig.LogConfig?.Type ?? "", options: HostConfig.LogConfig?.Config ?? {} },
    ...(Config.Healthcheck === undefined ? {} : { healthcheck: Config.Healthcheck }),
    ...(Config.StopSignal === "" ? {} : { stopSignal: Config.StopSignal }),
    /** Seconds between its stop signal and SIGKILL, where its creator set them. */
    ...(Config.StopTimeout == null ? {} : { stopTimeout: Config.StopTimeout }),
    /** Bytes; 0 is no limit. */
    memoryLimit: HostConfig.Memory,
  }));
export type Container = z.infer<typeof Container>;

function portsOf(bindings: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>>) {
  return Object.entries(bindings).flatMap(([port, published]) => {
    const [container, protocol = "tcp"] = port.split("/");
    return published.map(({ HostIp, HostPort }) => ({
      container: Number(container),
      protocol,
      hostIp: HostIp,
      hostPort: Number(HostPort),
    }));
  });
}

/** What a container uses now. Of its page cache, what is written to disk anyway is no use. */
export const Usage = z
  .object({ memory_stats: z.object({ usage: number, stats: mapOf(z.number().nullish()) }).nullish() })
  .transform(({ memory_stats: memory }) => {
    if (memory == null || memory.usage === 0) return { memory: undefined };
    const cache = memory.stats.inactive_file ?? memory.stats.total_inactive_file ?? 0;
    return { memory: Math.max(0, memory.usage - cache) };
  });

export const Created = z
  .object({ Id: z.string(), Warnings: listOf(z.string()) })
  .transform(({ Id, Warnings }) => ({ id: Id, warnings: Warnings }));

export const Image = z
  .object({
    Id: z.string(),
    RepoDigests: listOf(z.string()),
    Architecture: text,
    Os: text,
    Size: number,
    RootFS: z.object({ Layers: listOf(z.string()) }).nullish(),
    Config: z
      .object({
        Labels: labels,
        Env: listOf(z.string()),
        Cmd: listOf(z.string()),
        ExposedPorts: mapOf(z.unknown()),
        Volumes: mapOf(z.unknown()),
      })
      .nullish(),
  })
  .transform(({ Id, RepoDigests, Architecture, Os, Size, RootFS, Config }) => ({
    id: Id,
    /** `repo@sha256:…`, one for each repository that it was pulled from. */
    digests: RepoDigests,
    arch: Architecture,
    os: Os,
    size: Size,
    /** The digests of its layers, uncompressed, from the bottom up. */
    layers: RootFS?.Layers ?? [],
    labels: Config?.Labels ?? {},
    env: Config?.Env ?? [],
    command: Config?.Cmd ?? [],
    /** `80/tcp`. */
    exposedPorts: Object.keys(Config?.ExposedPorts ?? {}),
    /** Paths that get an anonymous volume unless something is mounted there. */
    volumes: Object.keys(Config?.Volumes ?? {}),
  }));
export type Image = z.infer<typeof Image>;

export const ImageSummary = z
  .object({ Id: z.string(), RepoTags: listOf(z.string()), RepoDigests: listOf(z.string()), Labels: labels, Created: number })
  .transform(({ Id, RepoTags, RepoDigests, Labels, Created: created }) => ({
    id: Id,
    tags: RepoTags.filter((tag) => tag !== "<none>:<none>"),
    digests: RepoDigests.filter((digest) => digest !== "<none>@<none>"),
    labels: Labels,
    /** Unix time in seconds. */
    created,
  }));
export type ImageSummary = z.infer<typeof ImageSummary>;

export const Distribution = z
  .object({
    Descriptor: z.object({ digest: z.string() }),
    Platforms: listOf(z.object({ os: text, architecture: text, variant: text })),
  })
  .transform(({ Descriptor, Platforms }) => ({
    digest: Descriptor.digest,
    platforms: Platforms.map(({ os, architecture, variant }) => ({
      os,
      arch: architecture,
      ...(variant === "" ? {} : { variant }),
    })),
  }));
export type Distribution = z.infer<typeof Distribution>;

export const Network = z
  .object({ Id: z.string(), Name: z.string(), Labels: labels, Containers: mapOf(z.object({ Name: text })) })
  .transform(({ Id, Name, Labels, Containers }) => ({
    id: Id,
    name: Name,
    labels: Labels,
    /** Names of the running containers in it. */
    containers: Object.values(Containers).map((container) => container.Name),
  }));
export type Network = z.infer<typeof Network>;

export const Volume = z
  .object({ Name: z.string(), Labels: labels })
  .transform(({ Name, Labels }) => ({ name: Name, labels: Labels }));
export type Volume = z.infer<typeof Volume>;

/** Bytes in each volume; -1 where Docker does not count them. */
export const VolumeUsage = z
  .object({ Volumes: listOf(z.object({ Name: z.string(), UsageData: z.object({ Size: z.number() }).nullish() })) })
  .transform(({ Volumes: volumes }) => new Map(volumes.map(({ Name, UsageData }) => [Name, UsageData?.Size ?? -1])));

/** Newer engines count by themselves, and leave the lists out. */
const Reclaimable = z.object({ Reclaimable: number });

/** What of Docker's disk nothing uses. */
export const Spare = z
  .object({
    Images: listOf(z.object({ Containers: number, Size: number, SharedSize: number })),
    BuildCache: listOf(z.object({ InUse: flag, Shared: flag, Size: number })),
    ImageUsage: Reclaimable.nullish(),
    BuildCacheUsage: Reclaimable.nullish(),
  })
  .transform(({ Images, BuildCache, ImageUsage, BuildCacheUsage }) => {
    const unused = Images.filter(({ Containers }) => Containers === 0);
    const idle = BuildCache.filter(({ InUse, Shared }) => !InUse && !Shared);
    return {
      /** Of images that no container has, running or not. What they share with others is not counted. */
      images: ImageUsage?.Reclaimable ?? unused.reduce((sum, { Size, SharedSize }) => sum + Size - Math.max(0, SharedSize), 0),
      buildCache: BuildCacheUsage?.Reclaimable ?? idle.reduce((sum, { Size }) => sum + Size, 0),
    };
  });
export type Spare = z.infer<typeof Spare>;

export const Volumes = z.object({ Volumes: listOf(Volume) }).transform(({ Volumes: volumes }) => volumes);

export const ExecState = z.object({ Running: flag, ExitCode: z.number().nullish(), Pid: z.number().nullish() });

export const DieEvent = z.object({
  status: z.string().optional(),
  Action: z.string().optional(),
  Actor: z.object({ ID: z.string(), Attributes: mapOf(z.string()) }),
});

/** One line of a pull's progress. */
export const PullLine = z.object({
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
});

/** One line of a load's progress. */
export const LoadLine = z.object({ stream: z.string().optional(), error: z.string().optional() });
