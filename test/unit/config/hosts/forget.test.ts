import { expect, it } from "vitest";
import { read } from "../fixture.ts";
import { describeRefusals } from "../refusals.ts";

const named = { servers: { web: { hosts: { "web-1": "203.0.113.10" } } } };

it("takes hosts that the config does not have any more, by name or address", () => {
  for (const forget of ["web-2", ["web-2", "203.0.113.11", "203.0.113.12:2222"]])
    expect(read({ ...named, forget }).hosts).toHaveLength(1);
});

describeRefusals("forget", [
  [
    "a host of the config",
    { ...named, forget: ["web-2", "web-1"] },
    'forget[1] "web-1" is a host of this config: remove it there, or write the address of the one it replaced',
  ],
  [
    "its address",
    { ...named, forget: "203.0.113.10:22" },
    'forget "203.0.113.10:22" is the address of web-1: remove it there first',
  ],
]);
