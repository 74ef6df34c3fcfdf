import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { expectNothingSeen } from "../support/look.ts";
import { details, done, expectNothingToDo, mutationsDuring, nothingOn, update } from "../support/outcome.ts";
import { answerOf } from "../support/visitors.ts";

const MEGABYTE = 1024 * 1024;
const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";

describe("what somebody changed by hand is named in the preview and healed by up", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let slot: string;
  let route: string;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    stack = await LabStack.create(lab, {
      image: (await lab.image("shop", "v1")).ref,
      servers: { web: { hosts: { [host.name]: host.address }, options: { memory: "256m" } } },
    });
    slot = `${host.name}/web`;
    route = `shop-web-${stack.name}`;
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());
  // The next test needs a healthy host, whatever this one left.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await update(stack);
  });

  /** What somebody does on the host. Docker answers before it has written all events; an inspect waits for those. */
  const byHand = async (script: string): Promise<void> => {
    await host.must(`${script} && docker ps --all --quiet | xargs docker inspect`);
  };

  /** Looking changes nothing. */
  const preview = async (): Promise<string> => {
    let output = "";
    const mutations = await mutationsDuring([host], async () => {
      output = (await details(stack)).output;
    });
    expect(mutations).toEqual(nothingOn([host]));
    return output;
  };

  const healed = async (): Promise<void> => {
    await done(update(stack));
    expect(await answerOf(host)).toBe("v1");
    expect((await liveOf(host)).name).toMatch(new RegExp(`^${route}-v1-`));
    await expectNothingSeen(lab, stack);
  };

  it("a container that was stopped", async () => {
    await byHand(`docker stop --time 2 ${(await liveOf(host)).name}`);
    const output = await preview();
    expect(output).toMatch(new RegExp(`containers\\s*: \\{\\s*~ ${slot}: "stopped with code 0" => "v1-[0-9a-f]{8}"`));
    expect(output).toMatch(new RegExp(`${host.name}  found stopped with code 0 \\(drift\\) · .*start ${route}-v1-.* was down`));
    await healed();
  });

  it("a container that was removed", async () => {
    await byHand(`docker rm --force ${(await liveOf(host)).name}`);
    const output = await preview();
    expect(output).toMatch(new RegExp(`containers\\s*: \\{\\s*~ ${slot}: "missing" => "v1-[0-9a-f]{8}"`));
    expect(output).toMatch(new RegExp(`${host.name}  found missing \\(drift\\) · start ${route}-v1-.* was down`));
    await healed();
  });

  it("routes that the proxy lost", async () => {
    await byHand(`docker stop kamal-proxy && rm ${STATE_FILE} && docker start kamal-proxy`);
    const before = await liveOf(host);
    const output = await preview();
    expect(output).toMatch(new RegExp(`routes\\s*: \\{\\s*~ ${slot}: "missing" => "http://\\* → port 3000"`));
    await healed();
    expect((await liveOf(host)).id).toBe(before.id);
  });

  it("a route that was removed", async () => {
    await byHand(`docker exec kamal-proxy kamal-proxy remove ${route}`);
    const before = await liveOf(host);
    const output = await preview();
    expect(output).toMatch(new RegExp(`routes\\s*: \\{\\s*~ ${slot}: "missing" => "http://\\* → port 3000"`));
    expect(output).toMatch(new RegExp(`${host.name}  .*set the route ${route} → ${before.name}   was down`));
    await healed();
    expect((await liveOf(host)).id).toBe(before.id);
  });

  it("a route with another option", async () => {
    const before = await liveOf(host);
    const target = `${before.id.slice(0, 12)}:3000`;
    const asOurs = "--buffer-requests --buffer-responses --forward-headers --health-check-interval=1s";
    await byHand(`docker exec kamal-proxy kamal-proxy deploy ${route} --target=${target} ${asOurs} --target-timeout=7s`);
    const output = await preview();
    expect(output).toMatch(
      new RegExp(`routes\\s*: \\{\\s*~ ${slot}: "edited: [^"]*responseTimeout" => "http://\\* → port 3000"`),
    );
    await healed();
    expect((await liveOf(host)).id).toBe(before.id);
    expect(await host.must(`cat ${STATE_FILE}`)).toContain('"response_timeout":30000000000');
  });

  it("nothing, where a full disk cut the proxy's state file short: the proxy is asked to write it anew", async () => {
    const whole = await host.must(`cat ${STATE_FILE}`);
    await byHand(`truncate --size 40 ${STATE_FILE}`);
    await expectNothingSeen(lab, stack);
    expect(await host.must(`cat ${STATE_FILE}`)).toBe(whole);
  });

  it("a proxy that was stopped with a state file that was cut short: it starts without any route", async () => {
    await byHand(`docker stop kamal-proxy && truncate --size 40 ${STATE_FILE}`);
    const output = await preview();
    expect(output).toMatch(/start kamal-proxy, found stopped with code \d+ \(drift\) {3}was down/);
    await healed();
  });

  it("a proxy that was stopped", async () => {
    await byHand("docker stop kamal-proxy");
    const output = await preview();
    expect(output).toMatch(/status\s*: "stopped with code \d+" => "running"/);
    expect(output).toMatch(/start kamal-proxy, found stopped with code \d+ \(drift\) {3}was down/);
    await healed();
  });

  it("a proxy that was removed", async () => {
    await byHand("docker rm --force kamal-proxy");
    const output = await preview();
    expect(output).toMatch(/status\s*: "missing" => "running"/);
    expect(output).toMatch(new RegExp(`~ ${slot}: "kamal-proxy missing" => "http://\\* → port 3000"`));
    expect(output).toMatch(/kamal-proxy found missing \(drift\) · run kamal-proxy/);
    await healed();
  });

  it("a proxy that was removed with all that it knew", async () => {
    await byHand("docker rm --force kamal-proxy && docker volume rm kamal-proxy-config");
    const output = await preview();
    expect(output).toMatch(/status\s*: "missing" => "running"/);
    await healed();
  });

  it("a container whose memory and restart policy were edited, without a swap", async () => {
    const before = await liveOf(host);
    await byHand(`docker update --memory 64m --memory-swap 128m --restart no ${before.name}`);
    const output = await preview();
    const edits = "restart no → unless-stopped, memory 64 MB → 256 MB";
    expect(output).toMatch(new RegExp(`~ ${slot}: "v1-[0-9a-f]{8}, edited: ${edits}" => "v1-[0-9a-f]{8}"`));
    await healed();
    expect((await liveOf(host)).id).toBe(before.id);
    const { HostConfig } = await host.docker.getContainer(before.id).inspect();
    expect(HostConfig).toMatchObject({ Memory: 256 * MEGABYTE, RestartPolicy: { Name: "unless-stopped" } });
  });
});

describe("limits that somebody gave a container without any", () => {
  it("are named in the preview and taken away by up, without a swap", async () => {
    const lab = await freshHosts(1);
    const host = hostOf(lab);
    await using stack = await LabStack.create(lab, { image: (await lab.image("shop", "v1")).ref });
    await done(update(stack));
    const before = await liveOf(host);
    await host.must(`docker update --memory 64m --memory-swap 128m --cpus 0.5 ${before.name}`);
    expect((await details(stack)).output).toMatch(/edited: memory 64 MB → no limit, cpus 0\.5 → no limit" => "v1-/);
    await done(update(stack));
    expect((await liveOf(host)).id).toBe(before.id);
    const { HostConfig } = await host.docker.getContainer(before.id).inspect();
    const { MemTotal, NCPU } = await host.docker.info();
    expect(HostConfig.Memory).toBeGreaterThanOrEqual(MemTotal);
    expect(HostConfig.NanoCpus).toBe(NCPU * 1e9);
    await expectNothingToDo(stack);
  });
});
