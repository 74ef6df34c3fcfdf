import { describe, expect, it } from "vitest";
import type { DockerEngineInputs, FoundDocker } from "../../../../providers/docker-engine/inputs.ts";
import { describeDocker, planDocker } from "../../../../providers/docker-engine/plan.ts";
import { dockerEngineProvider } from "../../../../providers/docker-engine/provider.ts";

const WANTED: DockerEngineInputs = {
  schema: 1,
  host: { name: "web-1", address: "203.0.113.10", port: 22, user: "root" },
  patience: 0,
  install: true,
  settings: {},
  status: "running",
};
const DEPLOY = { ...WANTED.host, user: "deploy" };
const THERE = { kind: "present", version: "26.1.5+dfsg1", settings: {} } as const satisfies FoundDocker;

const planned = (found: FoundDocker, wanted: Partial<DockerEngineInputs> = {}): string[] =>
  planDocker({ ...WANTED, ...wanted }, found).map((operation) => describeDocker(operation, { ...WANTED, ...wanted }));

describe("the Docker of one host", () => {
  type Row = readonly [found: string, docker: FoundDocker, wanted: Partial<DockerEngineInputs>, steps: readonly string[]];
  const table: readonly Row[] = [
    ["it, whatever it is", THERE, {}, []],
    ["it, for a user of the group", THERE, { host: DEPLOY }, []],
    ["nothing", { kind: "missing" }, {}, ["set live-restore, log-driver, log-opts in daemon.json", "install Docker"]],
    [
      "nothing, for another user than root",
      { kind: "missing" },
      { host: DEPLOY, version: "28" },
      [
        "set live-restore, log-driver, log-opts in daemon.json",
        "install Docker 28 from Docker's own repository",
        "add deploy to the group docker",
      ],
    ],
    [
      "nothing, and may not install",
      { kind: "missing" },
      { install: false },
      ["Docker is missing, and slipway:docker.install is false"],
    ],
    ["it forbidden", { kind: "forbidden" }, { host: DEPLOY }, ["add deploy to the group docker"]],
    ["it stopped", { kind: "stopped", settings: {} }, {}, ["start Docker, found stopped (drift)   was down"]],
    [
      "it stopped, with other settings",
      { kind: "stopped", settings: {} },
      { settings: { bip: "172.30.0.1/16" } },
      ["set bip in daemon.json", "start Docker, found stopped (drift)   was down"],
    ],
    ["an older one than 26.1.5", THERE, { version: "26.1.5" }, []],
    ["a newer one than wanted", THERE, { version: "25" }, []],
    [
      "one that is too old, with containers",
      { ...THERE, running: 2, liveRestore: false },
      { version: "28.3" },
      ["Docker 26.1.5+dfsg1 found, 28.3 wanted: upgrade: 2 containers stop for a few seconds"],
    ],
    [
      "one that is too old, whose containers outlive it",
      { ...THERE, running: 2, liveRestore: true },
      { version: "28" },
      ["Docker 26.1.5+dfsg1 found, 28 wanted: upgrade"],
    ],
    [
      "a setting that a reload changes",
      { ...THERE, running: 2, liveRestore: false },
      { settings: { "live-restore": true, debug: true } },
      ["set debug, live-restore in daemon.json · reload Docker"],
    ],
    [
      "a setting that a restart changes",
      { ...THERE, running: 1, liveRestore: false },
      { settings: { "log-opts": { "max-size": "10m" } } },
      ["set log-opts in daemon.json · restart Docker: 1 container stops for a few seconds"],
    ],
    [
      "the same, where containers will outlive it",
      { ...THERE, running: 1, liveRestore: false },
      { settings: { "log-driver": "local", "live-restore": true } },
      ["set live-restore, log-driver in daemon.json · restart Docker"],
    ],
    [
      "the same, where containers were to outlive it no more",
      { ...THERE, running: 1, liveRestore: true },
      { settings: { "log-driver": "local", "live-restore": false } },
      ["set live-restore, log-driver in daemon.json · restart Docker: 1 container stops for a few seconds"],
    ],
    ["a setting as it is declared", { ...THERE, settings: { debug: true } }, { settings: { debug: true } }, []],
    [
      "a map with more keys than are declared",
      { ...THERE, settings: { "log-opts": { tag: "x", "max-size": "10m" } } },
      { settings: { "log-opts": { "max-size": "10m" } } },
      [],
    ],
    [
      "a list with more entries than are declared",
      { ...THERE, settings: { "registry-mirrors": ["a", "b"] } },
      { settings: { "registry-mirrors": ["a"] } },
      ["set registry-mirrors in daemon.json · reload Docker"],
    ],
    [
      "containers in the store that a setting replaces",
      { ...THERE, store: "layers", containers: 3, running: 1 },
      { settings: { features: { "containerd-snapshotter": true } } },
      [
        "features.containerd-snapshotter would take all 3 containers and every image away from Docker; the run stops before it changes anything",
      ],
    ],
    [
      "no container in that store",
      { ...THERE, store: "layers", containers: 0, running: 0 },
      { settings: { features: { "containerd-snapshotter": true } } },
      ["set features in daemon.json · restart Docker"],
    ],
    [
      "that store in use, and the file without it",
      { ...THERE, store: "containerd", containers: 3, running: 1 },
      { settings: { features: { "containerd-snapshotter": true } } },
      ["set features in daemon.json · reload Docker"],
    ],
    [
      "a store that is declared, and in the file, but not in force",
      {
        ...THERE,
        settings: { features: { "containerd-snapshotter": true } },
        store: "layers",
        containers: 0,
        running: 0,
        idle: ["features"],
      },
      { settings: { features: { "containerd-snapshotter": true } } },
      ["put features in force, which daemon.json has already (drift) · restart Docker"],
    ],
    [
      "live-restore in the file, but not in force",
      { ...THERE, settings: { "live-restore": true }, running: 1, liveRestore: false, idle: ["live-restore"] },
      { settings: { "live-restore": true } },
      ["put live-restore in force, which daemon.json has already (drift) · reload Docker"],
    ],
    [
      "a Swarm, which Docker does not run with live-restore",
      { ...THERE, swarm: true, running: 1 },
      { settings: { "live-restore": true } },
      ["live-restore keeps Docker from starting on a node of a Swarm; the run stops before it changes anything"],
    ],
    [
      "a Swarm, without live-restore",
      { ...THERE, swarm: true, running: 1, liveRestore: false },
      { settings: { "live-restore": false } },
      ["set live-restore in daemon.json · reload Docker"],
    ],
    [
      "it stopped: a store is replaced when its containers can be counted",
      { kind: "stopped", settings: {} },
      { settings: { features: { "containerd-snapshotter": true }, debug: true } },
      ["set debug in daemon.json", "start Docker, found stopped (drift)   was down"],
    ],
    ["nothing: the host cannot be reached", { kind: "unreachable", reason: "gone" }, { version: "28" }, []],
  ];
  it.each(table)("finds %s", (_found, docker, wanted, steps) => expect(planned(docker, wanted)).toEqual(steps));

  it("names no value of a setting", () => {
    const settings = { "log-opts": { "splunk-token": "s3cret-word" } };
    expect(planned(THERE, { settings }).join()).not.toContain("s3cret-word");
    expect(dockerEngineProvider.plan({ ...WANTED, settings }, undefined).text).not.toContain("s3cret-word");
  });
});

describe("the Docker of one host as a resource", () => {
  const state = (found: FoundDocker) => ({ ...WANTED, found });

  it("does nothing where Docker is there", () => {
    expect(dockerEngineProvider.plan(WANTED, state(THERE)).changes).toBe(false);
  });
  it("says what it may do before anybody looked", () => {
    expect(dockerEngineProvider.plan(WANTED, undefined)).toEqual({
      changes: true,
      text: "web-1   install Docker if it is missing",
    });
    expect(
      dockerEngineProvider.plan({ ...WANTED, patience: 300, version: "28", settings: { debug: true } }, undefined).text,
    ).toBe(
      "web-1   wait for the new machine (≤ 300 s) · install Docker 28 from Docker's own repository if it is missing or older · set debug in daemon.json if different",
    );
  });
  it("shows a Docker that went", () => {
    expect(dockerEngineProvider.plan(WANTED, state({ kind: "missing" })).text).toMatch(
      /^web-1 {3}Docker found missing \(drift\) · /,
    );
  });
  it("is not called drift by a first look: no run of this stack has been there", () => {
    const stopped = state({ kind: "stopped", settings: {} });
    const unseen = dockerEngineProvider.plan(WANTED, undefined);
    const planned = { text: unseen.text, state: undefined };
    expect(dockerEngineProvider.foresee?.(WANTED, stopped, planned)).toBe("web-1   start Docker, found stopped   was down");
    expect(dockerEngineProvider.plan(WANTED, stopped).text).toBe("web-1   start Docker, found stopped (drift)   was down");
  });
  it("does nothing when only the patience or the source of packages changes", () => {
    expect(dockerEngineProvider.plan({ ...WANTED, patience: 60, source: "docker" }, state(THERE)).changes).toBe(false);
  });
  it("is reached the new way from then on when the SSH user changes", () => {
    expect(dockerEngineProvider.plan({ ...WANTED, host: DEPLOY }, state(THERE))).toEqual({
      changes: true,
      text: "web-1   no change on the host",
    });
  });
  it("is new on another machine", () => {
    const moved = { ...WANTED, host: { ...WANTED.host, address: "203.0.113.99" } };
    expect(dockerEngineProvider.plan(moved, state({ kind: "unreachable", reason: "gone" }))).toMatchObject({
      changes: true,
      replace: { because: ["host"], first: "create" },
    });
  });
  it("changes while its host cannot be reached, so that the run says so", () => {
    expect(dockerEngineProvider.plan(WANTED, state({ kind: "unreachable", reason: "gone fishing" })).text).toBe(
      "web-1   unreachable: gone fishing",
    );
  });
});

describe("the first look at a host", () => {
  const foreseen = (found: FoundDocker): string | undefined =>
    dockerEngineProvider.foresee?.(
      WANTED,
      { ...WANTED, found },
      { text: "web-1   install Docker if it is missing", state: undefined },
    );

  it("has nothing to say of Docker where it runs as declared", () => expect(foreseen(THERE)).toBe(""));
  it("says what will be done where it is missing", () =>
    expect(foreseen({ kind: "missing" })).toBe("web-1   set live-restore, log-driver, log-opts in daemon.json · install Docker"));
});
