import { expect, it } from "vitest";
import { Hosts, parseAccess } from "../../../hosts/index.ts";

const ADDRESS = { name: "web-1", address: "203.0.113.10", port: 22, user: "root" };

it("shares one host among those who ask for the same address", () => {
  const hosts = new Hosts(parseAccess(undefined, {}));
  expect(hosts.at({ ...ADDRESS })).toBe(hosts.at(ADDRESS));
  expect(hosts.at({ ...ADDRESS, port: 2222 })).not.toBe(hosts.at(ADDRESS));
});

it("calls a host what its caller calls it", () => {
  const hosts = new Hosts(parseAccess(undefined, {}));
  expect(hosts.at(ADDRESS).name).toBe("web-1");
  expect(hosts.at({ ...ADDRESS, name: "one" }).name).toBe("one");
});

it("shares one look among all who look", () => {
  const hosts = new Hosts(parseAccess(undefined, {}));
  const { shared } = hosts;
  expect(hosts.shared).toBe(shared);
  expect(shared.shared).toBe(shared);
  expect(shared.at({ ...ADDRESS })).toBe(shared.at(ADDRESS));
  expect(shared.at(ADDRESS)).not.toBe(hosts.at(ADDRESS));
});
