import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { byHand, freshHosts, hostOf, liveOf } from "../support/hosts.ts";
import { expectNothingSeen } from "../support/look.ts";
import { details, done, mutationsDuring, nothingOn, update } from "../support/outcome.ts";
import { answerOf } from "../support/visitors.ts";

/** How Pulumi shows it. Every other manual change is in test/provider/release/drift and test/provider/proxy/drift. */
describe("a manual change is in the preview as a diff, and up repairs it", () => {
  let lab: Lab;
  let host: LabHost;
  let stack: LabStack;
  let slot: string;
  let route: string;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    stack = await LabStack.create(lab, { image: (await lab.image("shop", "v1")).ref });
    slot = `${host.name}/web`;
    route = `shop-web-${stack.name}`;
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());
  // The next test needs a healthy host, whatever this one left.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await update(stack);
  });

  /** Reading changes nothing. */
  const preview = async (): Promise<string> => {
    let output = "";
    const mutations = await mutationsDuring([host], async () => {
      output = (await details(stack)).output;
    });
    expect(mutations).toEqual(nothingOn([host]));
    return output;
  };

  const repaired = async (): Promise<void> => {
    await done(update(stack));
    expect(await answerOf(host)).toBe("v1");
    expect((await liveOf(host)).name).toMatch(new RegExp(`^${route}-v1-`));
    await expectNothingSeen(lab, stack);
  };

  it("of a container that was stopped", async () => {
    await byHand(host, `docker stop --time 2 ${(await liveOf(host)).name}`);
    const output = await preview();
    expect(output).toMatch(new RegExp(`containers\\s*: \\{\\s*~ ${slot}: "stopped with code 0" => "v1-[0-9a-f]{8}"`));
    expect(output).toMatch(
      new RegExp(`${host.name}  found stopped with code 0 \\(drift\\) · .*re-create ${route}-v1-.* was down`),
    );
    await repaired();
  });

  it("of a proxy that was removed, and of the routes that went with it", async () => {
    await byHand(host, "docker rm --force kamal-proxy");
    const output = await preview();
    expect(output).toMatch(/status\s*: "missing" => "running"/);
    expect(output).toMatch(new RegExp(`~ ${slot}: "kamal-proxy missing" => "http://\\* → port 3000"`));
    expect(output).toMatch(/kamal-proxy found missing \(drift\) · run kamal-proxy/);
    await repaired();
  });
});
