import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { publicAddresses } from "../../../../providers/exposure/addresses.ts";
import { isPrivate, knock, knockAll } from "../../../../providers/exposure/knock.ts";
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
      expect(await knock("127.0.0.1", door.port)).toBe("open");
    }
    expect(await knock("127.0.0.1", closed)).toBe("closed");
  });

  it("distinguishes an address that this machine cannot reach", async () => {
    expect(await knock("255.255.255.255", 80)).toBe("unreachable");
  });

  it("gives the answers of many", async () => {
    await using one = await listening();
    await using other = await listening();
    const doors = [one.port, 1, other.port].map((port) => ({ address: "127.0.0.1", port }));
    expect((await knockAll(doors)).map(({ target, answer }) => [target.port, answer])).toEqual([
      [one.port, "open"],
      [1, "closed"],
      [other.port, "open"],
    ]);
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

it("the addresses to try are the public ones that a host has, of both IP versions", () => {
  const listed = [
    "2: eth0    inet 203.0.113.10/32 brd 203.0.113.10 scope global dynamic eth0\\       valid_lft 70000sec",
    "2: eth0    inet6 2001:db8:1::10/64 scope global \\       valid_lft forever preferred_lft forever",
    "3: enp7s0    inet 10.0.0.2/32 brd 10.0.0.2 scope global dynamic enp7s0\\       valid_lft 70000sec",
    "4: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\\       valid_lft forever",
    "4: docker0    inet6 fd00:d::1/64 scope global \\       valid_lft forever",
  ].join("\n");
  expect(publicAddresses(listed)).toEqual(["203.0.113.10", "2001:db8:1::10"]);
  expect(publicAddresses("")).toEqual([]);
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
