import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { ExposureInputs } from "../../providers/exposure/inputs.ts";
import { exposureProvider } from "../../providers/exposure/provider.ts";
import { firewallProvider } from "../../providers/firewall/provider.ts";
import { aFirewall, closedBy, publishingHost } from "../support/firewall.ts";
import { addressOf, ProviderRun } from "../support/provider-run.ts";

let lab: Lab;
let host: LabHost;

beforeAll(async () => {
  ({ lab, host } = await publishingHost());
});
afterAll(async () => {
  await using run = new ProviderRun(lab);
  await firewallProvider.withdraw(aFirewall(host), run);
  await host.reset();
});

describe("what can be reached from outside", () => {
  const exposure = (declared: readonly string[], release = "1-aaaaaaaa"): ExposureInputs =>
    ExposureInputs.parse({
      schema: 1,
      hosts: { [host.name]: addressOf(host) },
      declared: { [host.name]: declared },
      release,
    });

  it("is tried after a release; an undeclared port fails it and names the container", async () => {
    await using run = new ProviderRun(lab);
    await expect(exposureProvider.converge(exposure(["80/tcp", "443/tcp"]), undefined, run)).rejects.toThrow(
      new RegExp(
        `${host.name}: port 5432 is reachable from outside and not declared\n` +
          `  \\| ${host.name} port 5432 \\(PostgreSQL\\): container db\n` +
          "[\\s\\S]*publish it on 127.0.0.1, or add \\{port: 5432\\} to slipway:firewall.allow",
      ),
    );
  });

  it("names the process where it is no container's", async () => {
    await using run = new ProviderRun(lab);
    await host.takePort(6379);
    try {
      await expect(exposureProvider.converge(exposure(["80/tcp", "443/tcp", "5432/tcp"]), undefined, run)).rejects.toThrow(
        /port 6379 \(Redis\): process perl/,
      );
    } finally {
      await host.freePort(6379);
    }
  });

  it("is tried at every public address of the host, and once more where a port was silent", async () => {
    await using run = new ProviderRun(lab);
    const other = "198.51.100.77";
    await host.must(`ip addr add ${other}/32 dev lo`);
    execFileSync("ip", ["route", "replace", `${other}/32`, "via", host.address]);
    await host.takePort(6379);
    try {
      // Closed at the declared address, and at the other one for the first try.
      await host.must(`iptables -I INPUT -d ${host.address} -p tcp --dport 6379 -j DROP`);
      await host.must(`iptables -I INPUT -d ${other} -p tcp --dport 6379 -j DROP`);
      await host.must(`(sleep 2; iptables -D INPUT -d ${other} -p tcp --dport 6379 -j DROP) >/dev/null 2>&1 &`);
      await expect(exposureProvider.converge(exposure(["80/tcp", "443/tcp", "5432/tcp"]), undefined, run)).rejects.toThrow(
        new RegExp(`port 6379 is reachable[\\s\\S]*port 6379 at ${other} \\(Redis\\): process perl`),
      );
    } finally {
      await host.freePort(6379);
      await host.must(`iptables -D INPUT -d ${host.address} -p tcp --dport 6379 -j DROP; ip addr del ${other}/32 dev lo`);
      execFileSync("ip", ["route", "del", `${other}/32`]);
    }
  });

  it("names the addresses that could not be tried from here", async () => {
    await using run = new ProviderRun(lab);
    const other = "198.51.100.78";
    await host.must(`ip addr add ${other}/32 dev lo`);
    execFileSync("ip", ["route", "replace", "unreachable", `${other}/32`]);
    try {
      await exposureProvider.converge(exposure(["80/tcp", "443/tcp", "5432/tcp"]), undefined, run);
      expect(run.warned).toEqual([`${host.name}: no ports were tried at its address ${other}: this machine has no route to it`]);
      expect(run.said.at(-1)).toContain("UDP was not tried");
    } finally {
      execFileSync("ip", ["route", "del", "unreachable", `${other}/32`]);
      await host.must(`ip addr del ${other}/32 dev lo`);
    }
  });

  it("passes once the port is declared, or the firewall is closed, and says that a private address is not the internet", async () => {
    await using run = new ProviderRun(lab);
    await exposureProvider.converge(exposure(["80/tcp", "443/tcp", "5432/tcp"]), undefined, run);
    expect(run.said[0]).toContain("not from the internet");
    await closedBy(aFirewall(host), run);
    await exposureProvider.converge(exposure(["80/tcp", "443/tcp"]), undefined, run);
  });

  it("costs a run without changes nothing, and is made again for another release", async () => {
    await using run = new ProviderRun(lab);
    const inputs = exposure(["80/tcp"]);
    expect(await exposureProvider.read(inputs, run, inputs)).toEqual({ found: "same", state: inputs });
    expect(exposureProvider.plan(inputs, inputs).changes).toBe(false);
    expect(exposureProvider.plan(exposure(["80/tcp"], "2-bbbbbbbb"), inputs).changes).toBe(true);
    expect(run.trace).toEqual([]);
  });
});
