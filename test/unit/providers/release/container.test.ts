import { describe, expect, it } from "vitest";
import type { ContainerOptions } from "../../../../core/container/options.ts";
import type { RoleSpec } from "../../../../core/release/role.ts";
import type { CreateBody } from "../../../../hosts/index.ts";
import { updatable } from "../../../../providers/container/body.ts";
import { assetVolume, containerBody } from "../../../../providers/release/container.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { type Place, places } from "../../../../providers/release/places.ts";

const PLAIN: ContainerOptions = {
  restart: { name: "unless-stopped" },
  capAdd: [],
  capDrop: [],
  readOnly: false,
  tmpfs: {},
  addHost: [],
  ulimits: [],
};

const JOBS: RoleSpec = {
  hosts: ["web-1"],
  replicas: 1,
  strategy: "start-first",
  ready: { by: "docker", delay: 7 },
  on: {},
  env: { RATE_LIMIT: "10" },
  secretEnv: { STRIPE_KEY: "STRIPE" },
  secretsFingerprint: "f00d",
  labels: { team: "checkout" },
  options: PLAIN,
  mounts: [],
  logging: { driver: "json-file", options: { "max-size": "10m" } },
  stopTimeout: 10,
  stopDelay: 0,
};

const [IMAGE, TRIED] = ["9", "8"].map((digit) => `registry.example/shop@sha256:${digit.repeat(64)}`) as [string, string];

function aRelease(jobs: Partial<RoleSpec> = {}, changes: Partial<ReleaseInputs> = {}): ReleaseInputs {
  return {
    schema: 1,
    service: "shop",
    destination: "production",
    stack: "acme/shop/production",
    version: "1.4.2",
    image: IMAGE,
    release: "1.4.2-ab12cd34",
    containers: { "web-1/jobs": "1.4.2-ab12cd34" },
    routes: {},
    hosts: {},
    made: [],
    roles: { jobs: { ...JOBS, ...jobs } },
    boot: { limit: 0, wait: 0, parallelRoles: true },
    watch: 0,
    proxyFiles: {},
    secrets: { STRIPE: "sk_live" },
    deployTimeout: 30,
    drainTimeout: 30,
    stopWait: 30,
    retainContainers: 5,
    ...changes,
  };
}

/** The body of one of its containers: the first by default. */
function bodyOf(inputs: ReleaseInputs, at = 0): CreateBody {
  const place = places(inputs)[at];
  if (place === undefined) throw new Error(`no place ${at}`);
  return containerBody(inputs, place);
}
const withOptions = (options: Partial<ContainerOptions>): CreateBody => bodyOf(aRelease({ options: { ...PLAIN, ...options } }));

describe("the container of a place", () => {
  it("says nothing to Docker that is not in the config", () => {
    expect(bodyOf(aRelease())).toEqual({
      Image: IMAGE,
      Env: [
        "KAMAL_CONTAINER_NAME=shop-jobs-production-1.4.2-ab12cd34",
        "KAMAL_VERSION=1.4.2",
        "KAMAL_HOST=web-1",
        "KAMAL_DESTINATION=production",
        "RATE_LIMIT=10",
        "STRIPE_KEY=sk_live",
      ],
      Labels: {
        team: "checkout",
        service: "shop",
        role: "jobs",
        destination: "production",
        "slipway.release": "1.4.2-ab12cd34",
        "slipway.spec": "ab12cd34",
        "slipway.stack": "acme/shop/production",
      },
      StopTimeout: 10,
      HostConfig: {
        RestartPolicy: { Name: "no" },
        NetworkMode: "kamal",
        Binds: [],
        LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
        Memory: 0,
        NanoCpus: 0,
        CapAdd: [],
        CapDrop: [],
        ReadonlyRootfs: false,
        Tmpfs: {},
        ExtraHosts: [],
        Ulimits: [],
      },
    });
  });

  it("of a further replica has a name and a label of its own", () => {
    const [first, second] = [0, 1].map((at) => bodyOf(aRelease({ replicas: 2 }), at));
    expect(first?.Labels).not.toHaveProperty("slipway.replica");
    expect(second?.Labels).toMatchObject({ "slipway.replica": "2", "slipway.release": "1.4.2-ab12cd34" });
    expect(second?.Env).toContain("KAMAL_CONTAINER_NAME=shop-jobs-production-1.4.2-ab12cd34.2");
  });

  it("of a canary has its image, version and release", () => {
    const release = "1.5.0-0c0ffee0";
    const canary = { release, version: "1.5.0", image: TRIED, containers: { "web-1/jobs": release } };
    const inputs = aRelease({}, { canary: { ...canary, share: { to: "percent", percent: 10 } } });
    const tried = places(inputs).findIndex(({ track }) => track === "canary");
    const body = bodyOf(inputs, tried);
    expect(body).toMatchObject({ Image: TRIED, Labels: { "slipway.release": release, "slipway.spec": "0c0ffee0" } });
    expect(body.Env).toContain("KAMAL_VERSION=1.5.0");
    expect(body.Env).toContain(`KAMAL_CONTAINER_NAME=shop-jobs-production-${release}`);
  });

  it("of a canary is not found by the second name of its role, and is in the same networks", () => {
    const release = "1.5.0-0c0ffee0";
    const canary = { release, version: "1.5.0", image: TRIED, containers: { "web-1/jobs": release } };
    const options = { ...PLAIN, networks: ["monitoring"], networkAliases: ["jobs"] };
    const inputs = aRelease({ options }, { canary: { ...canary, share: { to: "percent", percent: 10 } } });
    const tried = places(inputs).findIndex(({ track }) => track === "canary");
    expect(bodyOf(inputs, tried).NetworkingConfig).toEqual({ EndpointsConfig: { kamal: {}, monitoring: {} } });
  });

  it("has any text in its environment as it is written", () => {
    const env = { WORDS: "Grüße, \"Ann\" & 'Bob' $HOME ${HOME} `id` \\ #", LINES: "one\ntwo\t", EMPTY: "" };
    expect(bodyOf(aRelease({ env })).Env).toEqual(
      expect.arrayContaining(Object.entries(env).map(([name, value]) => `${name}=${value}`)),
    );
  });

  it("has the environment of its host", () => {
    const on = { "web-1": { env: { ZONE: "eu" }, secretEnv: {}, secretsFingerprint: "" } };
    const { Env } = bodyOf(aRelease({ on }));
    expect(Env).toContain("ZONE=eu");
    expect(Env?.join()).not.toMatch(/RATE_LIMIT|STRIPE_KEY/);
  });

  it("reads its assets from a volume of its release", () => {
    const mounts = [{ source: "data", target: "/data", readOnly: false }];
    const inputs = aRelease({ mounts, assets: { path: "/app/public", relabel: "z" } });
    const volume = "shop-jobs-production-assets-1.4.2-ab12cd34";
    expect(assetVolume(inputs, places(inputs)[0] as Place)).toBe(volume);
    expect(bodyOf(inputs).HostConfig?.Binds).toEqual(["data:/data", `${volume}:/app/public:ro,z`]);
    expect(bodyOf(aRelease({ assets: { path: "/a" } })).HostConfig?.Binds).toEqual([`${volume}:/a:ro`]);
  });
});

describe("options of a container", () => {
  const port = { ip: "127.0.0.1", hostPort: 25, containerPort: 2525, protocol: "tcp" } as const;
  const table: readonly (readonly [Partial<ContainerOptions>, Partial<CreateBody>])[] = [
    [{ entrypoint: ["tini", "--"] }, { Entrypoint: ["tini", "--"] }],
    [{ stopSignal: "SIGINT" }, { StopSignal: "SIGINT" }],
    [
      { publish: [port, { ...port, ip: "10.0.0.5" }, { ...port, containerPort: 53, protocol: "udp" }] },
      {
        ExposedPorts: { "2525/tcp": {}, "53/udp": {} },
        HostConfig: {
          PortBindings: {
            "2525/tcp": [
              { HostIp: "127.0.0.1", HostPort: "25" },
              { HostIp: "10.0.0.5", HostPort: "25" },
            ],
            "53/udp": [{ HostIp: "127.0.0.1", HostPort: "25" }],
          },
        },
      },
    ],
    [
      { devices: [{ source: "/dev/a", target: "/dev/b", permissions: "r" }] },
      { HostConfig: { Devices: [{ PathOnHost: "/dev/a", PathInContainer: "/dev/b", CgroupPermissions: "r" }] } },
    ],
    [{ gpus: "all" }, { HostConfig: { DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] } }],
    [{ gpus: 2 }, { HostConfig: { DeviceRequests: [{ Count: 2, Capabilities: [["gpu"]] }] } }],
    [{ memory: 1e8, memorySwap: -1 }, { HostConfig: { Memory: 1e8, MemorySwap: -1 } }],
    [{ memoryReservation: 1e7 }, { HostConfig: { MemoryReservation: 1e7 } }],
    [{ cpus: 0.5, cpuShares: 512 }, { HostConfig: { NanoCpus: 5e8, CpuShares: 512 } }],
    [{ pidsLimit: 9 }, { HostConfig: { PidsLimit: 9 } }],
    [{ oomScoreAdj: 500 }, { HostConfig: { OomScoreAdj: 500 } }],
    [{ shmSize: 1e7 }, { HostConfig: { ShmSize: 1e7 } }],
    [{ privileged: true }, { HostConfig: { Privileged: true } }],
    [{ securityOpt: ["no-new-privileges"] }, { HostConfig: { SecurityOpt: ["no-new-privileges"] } }],
    [{ sysctls: { "net.core.somaxconn": "9" } }, { HostConfig: { Sysctls: { "net.core.somaxconn": "9" } } }],
    [{ ipc: "host", pid: "host" }, { HostConfig: { IpcMode: "host", PidMode: "host" } }],
    [{ dns: ["10.0.0.2"] }, { HostConfig: { Dns: ["10.0.0.2"] } }],
    [{ init: false }, { HostConfig: { Init: false } }],
    [{ groupAdd: ["audio"] }, { HostConfig: { GroupAdd: ["audio"] } }],
    [{ hostname: "worker.example.com" }, { Hostname: "worker.example.com" }],
    [{ hostNetwork: true }, { HostConfig: { NetworkMode: "host" } }],
    [{ networks: ["monitoring"] }, { NetworkingConfig: { EndpointsConfig: { kamal: {}, monitoring: {} } } }],
    [
      { networks: ["monitoring"], networkAliases: ["search"] },
      { NetworkingConfig: { EndpointsConfig: { kamal: { Aliases: ["search"] }, monitoring: { Aliases: ["search"] } } } },
    ],
    [{ networkAliases: ["search"] }, { NetworkingConfig: { EndpointsConfig: { kamal: { Aliases: ["search"] } } } }],
    [{ userns: "host", runtime: "runsc" }, { HostConfig: { UsernsMode: "host", Runtime: "runsc" } }],
    [
      { user: "1000", workdir: "/app" },
      { User: "1000", WorkingDir: "/app" },
    ],
  ];
  it.each(table)("%j becomes %j, and nothing else", (options, part) => {
    const plain = bodyOf(aRelease());
    expect(withOptions(options)).toEqual({ ...plain, ...part, HostConfig: { ...plain.HostConfig, ...part.HostConfig } });
  });

  it("keep the swap that was written when the limits are set again", () => {
    const restart = { name: "no" } as const;
    const limits = { restart, memory: 1e8, nanoCpus: 1.5e9 };
    expect(updatable({ ...PLAIN, restart, memory: 1e8, memorySwap: 1e8, cpus: 1.5 })).toEqual({ ...limits, memorySwap: 1e8 });
    expect(updatable({ ...PLAIN, restart, memory: 1e8, cpus: 1.5 })).toEqual(limits);
  });
});
