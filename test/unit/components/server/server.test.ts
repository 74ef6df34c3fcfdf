import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Server } from "../../../../components/server/server.ts";
import { later, type Mocked, mocked, needsWith, seen } from "../fixture.ts";

let program: Mocked;
beforeAll(async () => {
  program = await mocked(undefined, "preview");
});
// What is still on its way would meet the mocks of the next file.
afterAll(() => pulumi.runtime.disconnect());

describe("the outputs of a server", () => {
  it("are how SSH reaches it", async () => {
    const { address, port, user } = new Server("plain-1", { address: "203.0.113.10", port: 2222 });
    expect(await Promise.all([address, port, user].map(seen<string | number>))).toEqual([
      { value: "203.0.113.10", isSecret: false },
      { value: 2222, isSecret: false },
      { value: "root", isSecret: false },
    ]);
    expect(await needsWith(program, { user })).toEqual([]);
  });

  it("have the user whom hardening makes, and wait for that", async () => {
    const { user } = new Server("hardened-1", { address: "203.0.113.11", harden: { user: "ship" } });
    expect(await seen(user)).toEqual({ value: "ship", isSecret: false });
    expect(await needsWith(program, { user })).toEqual(["hardened-1-hardening"]);
  });

  it("are known one by one while the address is not", async () => {
    const { address, port } = new Server("later-1", { address: later() });
    expect(await seen(address)).toEqual({ value: undefined, isSecret: false });
    expect(await seen(port)).toEqual({ value: 22, isSecret: false });
  });
});
