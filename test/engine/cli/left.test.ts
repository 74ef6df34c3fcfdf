import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { addressesOf, LabStack } from "../../../lab/stack.ts";
import { freshHosts, hostOf } from "../../support/hosts.ts";
import { done, update } from "../../support/outcome.ts";
import { slipway } from "../../support/slipway.ts";

describe("containers of commands that were killed", { tags: "long" }, () => {
  let lab: Lab;
  let stack: LabStack;
  let host: LabHost;
  let image: string;

  beforeAll(async () => {
    lab = await freshHosts(1);
    host = hostOf(lab);
    image = (await lab.image("shop", "v1")).ref;
    stack = await LabStack.create(lab, { image, servers: { web: { hosts: addressesOf(lab.hosts) } } });
    await done(update(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const leave = (name: string, limit: number) =>
    host.must(
      `docker run -d --name ${name} --network kamal --label slipway.stack=slipway/${stack.name} --label "slipway.temporary=slipway exec" --label slipway.limit=${limit} $(docker inspect -f '{{.Image}}' $(docker ps -q --filter name=shop-web | head -1))`,
    );
  const names = async () => (await host.must("docker ps -a --format '{{.Names}}'")).trim().split("\n");

  it("are named by doctor and removed by the next exec once they have outlived it, and not before", async () => {
    await leave("left-over", 0);
    await leave("at-work", 3600);
    const doctor = await slipway(stack, "doctor");
    expect(doctor.stdout).toContain("a container has outlived its command");
    expect(doctor.stdout).toContain("docker rm -fv left-over");
    const exec = await slipway(stack, "exec", "/app", "check");
    expect(exec.stderr).toContain("removed left-over, which an earlier slipway exec left");
    expect(await names()).not.toContain("left-over");
    expect(await names()).toContain("at-work");
  });

  it("do not keep kamal-proxy when everything is destroyed", async () => {
    const { output } = await done(stack.destroy());
    expect(output).toContain("removed at-work, a container of slipway exec");
    expect(await names()).toEqual([""]);
    expect(await host.must("docker network ls --format '{{.Name}}'")).not.toContain("kamal");
  });
});
