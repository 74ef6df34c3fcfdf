import { expect, it } from "vitest";
import { writtenServers } from "../../../../../providers/pulumi/hooks/written-servers.ts";

it.each<[string, Record<string, unknown>, string, string]>([
  ["nothing", {}, "", ""],
  ["a list", { servers: ["203.0.113.11", "203.0.113.10"] }, "203.0.113.10=203.0.113.10 203.0.113.11=203.0.113.11", "web"],
  ["a list with tags", { servers: [{ "203.0.113.10": "eu" }] }, "203.0.113.10=203.0.113.10", "web"],
  [
    "lists of roles",
    { servers: { web: ["a.example"], jobs: { hosts: ["b.example"] } } },
    "a.example=a.example b.example=b.example",
    "web jobs",
  ],
  [
    "names with addresses",
    { servers: { web: { hosts: { "web-1": "203.0.113.10", "web-2": { address: "203.0.113.11" } } } } },
    "web-1=203.0.113.10 web-2=203.0.113.11",
    "web",
  ],
  ["servers that are made", { servers: { web: { hetzner: { count: 2 } } } }, "", "web"],
  [
    "an accessory beside a role keeps the role's address",
    {
      servers: { web: { hosts: { "web-1": "203.0.113.10" } } },
      accessories: { db: { host: "web-1" }, cache: { hosts: { c: "203.0.113.20" } } },
    },
    "c=203.0.113.20 web-1=203.0.113.10",
    "web",
  ],
])("%s", (_what, config, hosts, roles) => {
  const found = writtenServers({ get: (key) => JSON.stringify(config[key.replace("slipway:", "")]) });
  expect(found.hosts.map(({ name, address }) => `${name}=${address}`).join(" ")).toBe(hosts);
  expect(found.roles.join(" ")).toBe(roles);
});
