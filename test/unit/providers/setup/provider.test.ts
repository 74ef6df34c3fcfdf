import { describe, expect, it } from "vitest";
import { type SetupInputs, SetupState } from "../../../../providers/setup/inputs.ts";
import { setupProvider } from "../../../../providers/setup/provider.ts";

const HOST = { name: "web-1", address: "203.0.113.10", port: 22, user: "root" };
const wanted: SetupInputs = { schema: 1, host: HOST, role: "web", commands: ["sysctl -w vm.swappiness=10", "ufw disable"] };
const ran: SetupState = { ...wanted, machine: "4d".repeat(16) };

describe("setup", () => {
  it("is planned once, and again when it changes or for another machine", () => {
    expect(setupProvider.plan(wanted, undefined)).toEqual({ changes: true, text: "web-1   run the setup of web, 2 commands" });
    expect(setupProvider.plan(wanted, ran).changes).toBe(false);
    expect(setupProvider.plan({ ...wanted, commands: ["true"] }, ran)).toEqual({
      changes: true,
      text: "web-1   run the setup of web, 1 command again: it changed",
    });
    expect(setupProvider.plan({ ...wanted, host: { ...HOST, address: "203.0.113.11" } }, ran)).toEqual({
      changes: true,
      text: "web-1   run the setup of web, 2 commands, unless the machine at 203.0.113.11 is the same",
    });
  });

  it("does not run again for another way to the same machine", () => {
    const intent = setupProvider.plan({ ...wanted, host: { ...HOST, user: "deploy" } }, ran);
    expect(intent).toEqual({ changes: true, text: "web-1   setup of web has run" });
  });

  it("takes over what @pulumi/command ran, unless the commands are others", () => {
    const create = "set -e\nsysctl -w vm.swappiness=10\nufw disable\n";
    const olds = {
      create,
      triggers: [create],
      connection: { host: "203.0.113.10", privateKey: "canary" },
      addPreviousOutputInEnv: false,
    };
    expect(setupProvider.adopt?.(olds, wanted)).toEqual({ adopted: true });
    expect(setupProvider.adopt?.({ ...olds, create: "set -e\ntrue\n" }, wanted)).toBeUndefined();
    expect(setupProvider.adopt?.({ ...ran }, wanted)).toBeUndefined();
    expect(setupProvider.plan({ ...wanted, adopted: true }, undefined).text).toBe("web-1   setup of web has run");
    expect(SetupState.parse({ ...wanted, adopted: true })).toEqual(wanted);
  });
});
