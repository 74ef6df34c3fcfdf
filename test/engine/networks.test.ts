import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf } from "../../lab/stack.ts";
import { App } from "../support/app.ts";
import { containersOf, freshHosts, hostOf } from "../support/hosts.ts";
import { pinnedImage, pulled } from "../support/images.ts";

let lab: Lab;
let host: LabHost;
let image: string;
let app: App;

beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  image = await pinnedImage(lab, "v1");
  app = await App.create(lab, { image, readiness_delay: 1 });
});
afterAll(() => app[Symbol.asyncDispose]());

const withWorker = (part: object) => ({
  servers: { web: { hosts: addressesOf([host]) }, worker: { hosts: addressesOf([host]), ...part } },
});

async function workerNow() {
  const [worker] = (await containersOf(host)).filter(({ labels, state }) => labels.role === "worker" && state === "running");
  if (worker === undefined) throw new Error("no worker runs");
  return worker;
}

describe("a role", () => {
  it("is in a network of others, where it finds them and they find it, if that is there", async () => {
    const worker = { cmd: "/app worker", options: { network: "monitoring", network_alias: "jobs" } };
    const { error } = await app.refused(withWorker(worker));
    expect(error).toContain(`${host.name}: there is no Docker network monitoring`);
    expect(error).toContain("docker network create monitoring");
    const other = await pulled(lab, host, image);
    await host.must(`docker network create monitoring && docker run -d --name stranger --network monitoring ${other}`);
    await app.released(withWorker(worker));
    const { id, name } = await workerNow();
    const { Networks } = (await host.docker.getContainer(id).inspect()).NetworkSettings;
    expect(Object.keys(Networks).sort()).toEqual(["kamal", "monitoring"]);
    expect(await foundIn("stranger", "jobs")).toBe(Networks.monitoring?.IPAddress);
    expect(await foundIn(name, "stranger")).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(await app.preview()).toBe("");
    await host.must("docker rm -f stranger");
  });

  it("has the network of its host, and stops before its successor starts", async () => {
    const worker = { env: { PORT: "9102" }, options: { network: "host" } };
    await app.released(withWorker(worker));
    expect(await askedOn(9102)).toContain("v1");
    expect(await app.preview(withWorker({ ...worker, env: { PORT: "9102", A: "b" } }))).toContain("down while nothing runs");
    await app.released();
    expect(await askedOn(9102)).toContain("v1");
    expect(await app.preview()).toBe("");
  });
});

/** The address that a container has for a name, from the DNS of its Docker networks. */
async function foundIn(container: string, name: string): Promise<string> {
  const resolve = `echo nameserver 127.0.0.11 > /run/resolv.lab; mount --bind /run/resolv.lab /etc/resolv.conf; getent ahostsv4 ${name}`;
  const pid = `$(docker inspect -f '{{.State.Pid}}' ${container})`;
  const found = await host.must(`nsenter -t ${pid} -n unshare -m sh -c '${resolve}'`);
  return found.split(" ")[0] ?? "";
}

/** What a port of the host answers to the host itself. */
const askedOn = (port: number): Promise<string> =>
  host.must(`exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`);
