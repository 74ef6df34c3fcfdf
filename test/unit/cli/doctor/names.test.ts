import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Asked } from "../../../../cli/doctor/facts.ts";
import { resolveName } from "../../../../cli/doctor/names.ts";
import { Deadline } from "../../../../core/deadline.ts";

import { known } from "./fixture.ts";

describe("a name that DNS is asked for", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** A DNS server on loopback that gives every question for an A record these addresses, or that code, or no answer. */
  async function aResolver(answer: readonly string[] | number | "silence"): Promise<{ resolver: Resolver; asked: string[] }> {
    const asked: string[] = [];
    const server = createSocket("udp4");
    server.on("message", (question, { port, address }) => {
      const end = question.indexOf(0, 12) + 5;
      asked.push(nameIn(question));
      if (answer === "silence") return;
      const isA = question.readUInt16BE(end - 4) === 1;
      const records = typeof answer === "number" || !isA ? [] : answer;
      const header = Buffer.from(question.subarray(0, 12));
      header.writeUInt16BE(0x8180 | (typeof answer === "number" ? answer : 0), 2);
      header.writeUInt16BE(records.length, 6);
      header.writeUInt16BE(0, 10);
      const body = records.map((ip) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...ip.split(".").map(Number)]));
      server.send(Buffer.concat([header, question.subarray(12, end), ...body]), port, address);
    });
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    const resolver = new Resolver({ timeout: 100, tries: 1 });
    resolver.setServers([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
    return { resolver, asked };
  }

  function nameIn(question: Buffer): string {
    const labels: string[] = [];
    for (let at = 12; question[at] !== 0; at += (question[at] ?? 0) + 1)
      labels.push(question.toString("latin1", at + 1, at + 1 + (question[at] ?? 0)));
    return labels.join(".").toLowerCase();
  }

  const [SERVFAIL, NXDOMAIN] = [2, 3];
  it.each<[string, readonly string[] | number | "silence", Asked<readonly string[]> | object]>([
    ["its addresses", ["203.0.113.10", "203.0.113.11"], known(["203.0.113.10", "203.0.113.11"])],
    ["that the name does not exist", NXDOMAIN, known([])],
    ["that it has no address", [], known([])],
    ["that it failed", SERVFAIL, { kind: "unknown", why: expect.stringContaining("ESERVFAIL") }],
    ["nothing", "silence", { kind: "unknown", why: expect.stringContaining("ETIMEOUT") }],
  ])("is reported %s", async (_what, answer, printed) => {
    const { resolver } = await aResolver(answer);
    expect(await resolveName("shop.example.com", Deadline.in(5), resolver)).toMatchObject(printed);
  });

  it("is some name below a wildcard", async () => {
    const { resolver, asked } = await aResolver(["203.0.113.10"]);
    await resolveName("*.example.com", Deadline.in(5), resolver);
    expect(new Set(asked)).toEqual(new Set(["slipway-doctor.example.com"]));
  });

  it("is given up at the deadline", async () => {
    const { resolver } = await aResolver("silence");
    const slow = new Resolver({ timeout: 60_000, tries: 1 });
    slow.setServers(resolver.getServers());
    const began = performance.now();
    expect(await resolveName("shop.example.com", Deadline.in(0.2), slow)).toMatchObject({ kind: "unknown" });
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
