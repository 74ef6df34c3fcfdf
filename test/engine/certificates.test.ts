import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StatusReport } from "../../cli/status/report.ts";
import { Deadline } from "../../core/deadline.ts";
import { ACME_VALIDITY, type LabAcme, REFUSED_NAME, startAcme } from "../../lab/acme.ts";
import type { LabHost } from "../../lab/host.ts";
import { LabStack } from "../../lab/stack.ts";
import { visitTrusting } from "../support/certificate.ts";
import { freshHosts, hostOf } from "../support/hosts.ts";
import { bootProxy } from "../support/kamal.ts";
import { done, update } from "../support/outcome.ts";
import { slipway } from "../support/slipway.ts";

const GONE = "gone.shop.example";

describe("a certificate from Let's Encrypt", () => {
  let acme: LabAcme;
  let host: LabHost;
  let stack: LabStack;
  let name: string;
  let search: string;
  let visit: () => ReturnType<typeof visitTrusting>;

  beforeAll(async () => {
    const lab = await freshHosts(1);
    host = hostOf(lab);
    acme = await startAcme();
    name = acme.nameOf(host);
    await bootProxy(host);
    await acme.takenFor(host);
    const { ref } = await lab.image("shop", "v1");
    search = acme.nameOf(host, "search.example");
    const proxy = { app_port: 3000, host: name, ssl: true };
    const accessory = { image: ref, host: host.name, proxy: { ...proxy, host: search } };
    stack = await LabStack.create(lab, { image: ref, proxy, accessories: { search: accessory } });
    const root = await acme.root();
    visit = () => visitTrusting(root, host, name);
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  it("is there before the first visitor, is shown by status, and is renewed before it ends, with no visitor refused", async () => {
    const { output } = await done(update(stack));
    for (const one of [name, search])
      expect(output).toMatch(new RegExp(`${one}: certificate of Pebble Intermediate CA \\w+, 0 days left`));
    const first = await visit();
    expect(first.body).toBe("v1");

    const { stdout } = await slipway(stack, "status");
    for (const one of [name, search])
      expect(stdout).toMatch(
        new RegExp(`^tls +! ${one}: less than a day left \\(Pebble Intermediate CA \\w+\\) on ${host.name}$`, "m"),
      );
    expect(stdout).toContain(`next: the proxy renews it when a third of its life is left`);

    const second = await Deadline.in(ACME_VALIDITY).until(
      async () => {
        const now = await visit();
        return now.fingerprint === first.fingerprint ? undefined : now;
      },
      () => new Error("it was not renewed"),
    );
    expect(second.body).toBe("v1");
    expect(second.validTo.getTime() - ACME_VALIDITY * 1000).toBeLessThan(first.validTo.getTime());
    const json = JSON.parse((await slipway(stack, "status", "--json")).stdout) as StatusReport;
    const certificate = json.hosts[0]?.certificates.find((one) => one.name === name);
    expect(certificate).toMatchObject({ name, automatic: true, days_left: 0, missing: null });
    expect(Date.parse(certificate?.expires_at ?? "")).toBeGreaterThan(first.validTo.getTime());
  });

  it("that is refused is reported with the reason and what to do, by the release and by status", async () => {
    await stack.configure({ proxy: { app_port: 3000, hosts: [GONE, REFUSED_NAME], ssl: true } });
    const { output } = await done(update(stack));
    expect(output).toContain(`${GONE} has no certificate on ${host.name}: Let's Encrypt did not reach the proxy as ${GONE}`);
    expect(output).toContain(`check that ${GONE} leads to ${host.name}`);
    expect(output).toMatch(
      new RegExp(`${REFUSED_NAME} has no certificate on ${host.name}: Let's Encrypt refused it: .*forbidden by policy`),
    );
    const { stdout } = await slipway(stack, "status");
    expect(stdout).toContain(
      `tls      ✘ ${GONE}: no certificate on ${host.name}\n           Let's Encrypt did not reach the proxy`,
    );
    expect(stdout).toMatch(/Let's Encrypt refused it: .*\n +next: use another name, or a certificate of your own/);
  });
});
