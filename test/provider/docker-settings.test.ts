import { beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import { type Lab, startLab } from "../../lab/lab.ts";
import { hostFor } from "../../lab/lane.ts";
import { Engine } from "../support/docker-engine.ts";
import { hostOf } from "../support/hosts.ts";

const DAEMON_JSON = "/etc/docker/daemon.json";
const CONTAINER = "outlives";

describe("a server with a container and live-restore", () => {
  let lab: Lab;
  let host: LabHost;
  let engine: Engine;

  beforeAll(async () => {
    lab = await startLab({ hosts: [hostFor("eng")], bare: true });
    host = hostOf(lab);
    engine = new Engine(lab, host);
    await host.reset();
    await engine.done({ settings: { "live-restore": true } });
    await host.ready();
    await host.ensureProxyImages();
    await host.must(`docker run -d --restart unless-stopped --name ${CONTAINER} basecamp/kamal-proxy:v0.9.2`);
  });

  const started = (): Promise<string> => host.must(`docker inspect -f '{{.State.Pid}} {{.State.StartedAt}}' ${CONTAINER}`);

  it("keeps its store of images while it has a container, and is not given live-restore as a node of a Swarm", async () => {
    const before = await host.must(`cat ${DAEMON_JSON}`);
    const container = await started();
    const features = { "containerd-snapshotter": true };
    const store = await engine.refused({ settings: { "live-restore": true, features } });
    expect(store.error).toMatch(/features\.containerd-snapshotter would take the container and every image away from Docker/);
    expect(store.error).toMatch(/serves now: what served before; nothing was changed/);

    await engine.done({ settings: { "live-restore": false } });
    await host.must("docker swarm init --advertise-addr 127.0.0.1");
    const swarm = await engine.refused({ settings: { "live-restore": true } });
    expect(swarm.error).toMatch(/live-restore keeps Docker from starting on a node of a Swarm/);
    await host.must("docker swarm leave --force");
    await engine.done({ settings: { "live-restore": true } });
    expect(JSON.parse(await host.must(`cat ${DAEMON_JSON}`))).toEqual(JSON.parse(before));
    expect(await started()).toBe(container);
  });

  it("shows a setting that is in its file and not in force, and puts it in force", async () => {
    await engine.done({ settings: { "live-restore": true } });
    await host.must(`cp ${DAEMON_JSON} /tmp/kept.json; sed -i 's/"live-restore": true/"live-restore": false/' ${DAEMON_JSON}`);
    await host.must("systemctl reload docker; sleep 1; cp /tmp/kept.json /etc/docker/daemon.json");
    const { found, text } = await engine.look();
    expect(found).toMatchObject({ found: "drift", inputs: { settings: { "live-restore": "not in force" } } });
    expect(text).toMatch(/put live-restore in force, which daemon\.json has already \(drift\) · reload Docker$/);
    await engine.done();
    expect((await host.docker.info()).LiveRestoreEnabled).toBe(true);
    expect((await engine.look()).text).toBe("");
  });
});
