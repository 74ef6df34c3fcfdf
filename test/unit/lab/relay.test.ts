import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { Relay } from "../../../lab/relay.ts";
import { Uplink } from "../../../lab/uplink.ts";

const MUCH = randomBytes(300_000);
const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
});

/** A relay to a server that keeps what it gets. */
async function relayed(): Promise<{ relay: Relay; arrived: Promise<Buffer> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const relay = await Relay.to({ address: "127.0.0.1", port: (server.address() as AddressInfo).port });
  closing.push(relay, server);
  const arrived = once(server, "connection").then(([socket]) => buffer(socket as Socket));
  return { relay, arrived };
}

function send({ port, address }: Relay, content: Buffer): void {
  connect({ host: address, port }).end(content);
}

it("passes everything on in its order, even if the way gets shorter meanwhile", async () => {
  const { relay, arrived } = await relayed();
  relay.delay(100);
  send(relay, MUCH);
  await expect.poll(() => relay.traffic.up, { interval: 5 }).toBe(MUCH.length);
  relay.delay(0);
  expect((await arrived).equals(MUCH)).toBe(true);
});

it("passes on no more than its line takes, and shares that with others on the same line", async () => {
  const both = [await relayed(), await relayed()];
  const uplink = Uplink.of(8);
  const start = performance.now();
  for (const { relay } of both) {
    relay.limit(uplink);
    send(relay, MUCH);
  }
  const arrived = await Promise.all(both.map((one) => one.arrived));
  const seconds = (performance.now() - start) / 1000;
  expect(arrived.every((content) => content.equals(MUCH))).toBe(true);
  expect(seconds).toBeGreaterThan(0.59);
  expect(seconds).toBeLessThan(0.75);
});

it("reads from a sender only what its line takes", async () => {
  const { relay, arrived } = await relayed();
  relay.limit(new Uplink(500_000));
  send(relay, MUCH);
  await expect.poll(() => relay.traffic.up, { interval: 5 }).toBeGreaterThan(0);
  expect(relay.traffic.up).toBeLessThan(150_000);
  relay.limit(undefined);
  expect((await arrived).length).toBe(MUCH.length);
});
