import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { isPrivate, knock, openPorts } from "../../../../providers/exposure/knock.ts";
import { exposureProvider } from "../../../../providers/exposure/provider.ts";

/** A port of this machine that takes connections. */
async function listening(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => socket.destroy());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe("trying a port", () => {
  it("distinguishes an open port from a closed one", async () => {
    let closed: number;
    {
      await using door = await listening();
      closed = door.port;
      expect(await knock("127.0.0.1", door.port)).toBe(true);
    }
    expect(await knock("127.0.0.1", closed)).toBe(false);
  });

  it("gives the open ones of many", async () => {
    await using one = await listening();
    await using other = await listening();
    const doors = [one.port, 1, other.port].map((port) => ({ address: "127.0.0.1", port }));
    expect((await openPorts(doors)).map(({ port }) => port)).toEqual([one.port, other.port]);
  });

  it.each([
    ["10.1.2.3", true],
    ["172.31.0.1", true],
    ["192.168.178.20", true],
    ["100.101.102.103", true],
    ["fd12::1", true],
    ["203.0.113.10", false],
    ["172.32.0.1", false],
    ["2001:db8::1", false],
  ])("knows that %s is private: %s", async (address, expected) => {
    expect(await isPrivate(address)).toBe(expected);
  });
});

describe("the exposure check", () => {
  const inputs = {
    schema: 1 as const,
    hosts: { "web-1": { name: "web-1", address: "203.0.113.10", port: 22, user: "root" } },
    declared: { "web-1": ["80/tcp"] },
    release: "1.4.2-ab12cd34",
  };

  it("is made for a new release, other hosts and other ports, and else not", () => {
    const changes = (news: Partial<typeof inputs>) => exposureProvider.plan({ ...inputs, ...news }, inputs).changes;
    expect(changes({})).toBe(false);
    expect(changes({ release: "1.4.3-0011aabb" })).toBe(true);
    expect(changes({ declared: { "web-1": ["80/tcp", "443/tcp"] } })).toBe(true);
    expect(changes({ hosts: { "web-1": { ...inputs.hosts["web-1"], address: "203.0.113.11" } } })).toBe(true);
  });
});
