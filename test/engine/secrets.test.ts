import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack, type Outcome } from "../../lab/stack.ts";
import { containersOf, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { disguises, leaksOf, type Places } from "../support/leaks.ts";
import { details, done, refused, update } from "../support/outcome.ts";
import { watchProcesses } from "../support/process-watch.ts";

/** Everything written on a host outside Docker's own storage, and the logs of its daemons. */
const FILES = `find / /run -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /lab -o -path /usr -o -path /var/lib/docker -o -path /run/docker \\) \
  -prune -o -type f -size -2M -print -exec cat {} +`;

describe("the value of a secret", () => {
  const clear = `clear-${randomBytes(12).toString("hex")}`;
  const token = `canary-${randomBytes(18).toString("base64")}`;
  let secrets: Record<string, string>;
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let places: Places;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    secrets = { token, "registry password": lab.registry.password };
    const { ref } = await lab.image("shop", "v1");
    stack = await LabStack.create(
      lab,
      { image: ref, env: { clear: { CLEAR: clear }, secret: ["TOKEN"] }, deploy_timeout: 2 },
      { "slipway:secrets.TOKEN": token },
    );
    const since = Math.floor(Date.now() / 1000);
    const processes = await watchProcesses(host);
    const first = await done(stack.up("--diff"));
    const refusals: Outcome[] = [];
    for (const switches of [{ EXIT_AT_BOOT: "3" }, { UNHEALTHY: "1" }]) {
      await stack.configure({ image: (await lab.image("shop", "broken", switches)).ref });
      refusals.push(await refused(update(stack)));
    }
    await stack.configure({ image: (await lab.image("shop", "v2")).ref });
    const planned = await details(stack);
    const second = await done(update(stack));
    const runs = [first, planned, ...refusals, second];
    const [networks, volumes] = await Promise.all([host.docker.listNetworks(), host.docker.listVolumes()]);
    places = {
      "output of the first up": first.output,
      "output of a preview": planned.output,
      "output of a version that exits": refusals[0]?.output ?? "",
      "output of a version that is never healthy": refusals[1]?.output ?? "",
      "output of the second up": second.output,
      "trace of the provider": JSON.stringify(runs.map(({ trace }) => trace)),
      "exported state": await stack.exported(),
      "the backend's files": await backendOf(stack),
      "processes on the host": await processes.seen(),
      "container names and labels": JSON.stringify(await containersOf(host)),
      "networks and volumes": JSON.stringify([networks, volumes]),
      "Docker's events": await host.must(`docker events --since ${since} --until $(date +%s) --format '{{json .}}'`),
      "files on the host": await host.must(FILES),
      "log of the app": await host.must(`docker logs ${(await liveOf(host)).name} 2>&1`),
      "log of the proxy": await host.must("docker logs kamal-proxy 2>&1"),
    };
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it("reaches the app", async () => {
    const { Config } = await host.docker.getContainer((await liveOf(host)).id).inspect();
    expect(Config.Env).toContain(`TOKEN=${token}`);
    expect(leaksOf(secrets, { "the container's environment": Config.Env.join("\n") })).toEqual([
      "the container's environment: token",
    ]);
  });

  it("is nowhere else: not in state, output, trace, processes, labels, events, files or logs", () => {
    expect(leaksOf(secrets, places)).toEqual([]);
  });

  it("is kept by the host for no later pull", async () => {
    expect(await host.must("cat /root/.docker/config.json /home/*/.docker/config.json 2>/dev/null || echo none")).toBe("none\n");
  });

  it.each([
    ["output of the first up", () => clear],
    ["output of a preview", () => clear],
    ["output of a version that exits", () => "exited with code 3"],
    ["output of a version that is never healthy", () => "did not become healthy within 2 s"],
    ["output of the second up", () => "released v2-"],
    ["trace of the provider", () => '"kind":"docker"'],
    ["exported state", () => clear],
    ["the backend's files", () => clear],
    ["processes on the host", () => "slipway-lease"],
    ["container names and labels", () => `"slipway.stack":"slipway/${stack.name}"`],
    ["networks and volumes", () => "kamal-proxy-config"],
    ["Docker's events", () => "exec_create: kamal-proxy deploy shop-web"],
    ["files on the host", () => "/etc/ssh/sshd_config"],
    ["log of the app", () => "listening on 3000"],
    ["log of the proxy", () => "Deployed"],
  ])("would have been seen in: %s", (place, text) => {
    expect(places[place]).toContain(text());
  });

  it("would have been seen in each of its forms", () => {
    const long = `{"username":"lab","password":"${token}","more":1}`;
    const seen = (text: string) => leaksOf({ token }, { place: text });
    for (const text of [
      long,
      encodeURIComponent(long),
      Buffer.from(long).toString("hex"),
      ...[0, 1, 2].map((shift) => Buffer.from(" ".repeat(shift) + long).toString("base64")),
      ...[0, 1, 2].map((shift) => Buffer.from(" ".repeat(shift) + long).toString("base64url")),
    ])
      expect(seen(text), text).toEqual(["place: token"]);
    expect(seen(Buffer.from(randomBytes(900)).toString("base64"))).toEqual([]);
    expect(Math.min(...disguises(token).map(({ length }) => length))).toBeGreaterThan(16);
  });
});

/** Everything that the stack's backend keeps, its history and checkpoints too. */
async function backendOf({ env }: LabStack): Promise<string> {
  const root = fileURLToPath(env.PULUMI_BACKEND_URL ?? "");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}
