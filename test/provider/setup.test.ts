import { beforeAll, describe, expect, it } from "vitest";
import { SlipwayError } from "../../core/error.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import type { SetupInputs, SetupState } from "../../providers/setup/inputs.ts";
import { setupProvider } from "../../providers/setup/provider.ts";
import { freshHosts, hostOf } from "../support/hosts.ts";
import { addressOf, ProviderRun } from "../support/provider-run.ts";

let lab: Lab;
let host: LabHost;
beforeAll(async () => {
  lab = await freshHosts(1);
  host = hostOf(lab);
  await host.must("rm -f /tmp/setup");
});

const wanted = (...commands: string[]): SetupInputs => ({ schema: 1, host: addressOf(host), role: "web", commands });
const ran = async (): Promise<string[]> => (await host.must("cat /tmp/setup")).trim().split("\n");

async function converge(inputs: SetupInputs, state?: SetupState): Promise<{ state: SetupState; said: string[] }> {
  await using run = new ProviderRun(lab);
  return { state: await setupProvider.converge(inputs, state, run), said: run.said };
}

describe("the setup of a role", () => {
  let state: SetupState;

  it("runs in order, and shows what it printed, on either output", async () => {
    const first = await converge(wanted("echo one >>/tmp/setup; echo said", "echo two >>/tmp/setup; echo and warned >&2"));
    state = first.state;
    expect(await ran()).toEqual(["one", "two"]);
    expect(first.said).toEqual(["setup of web:\n  said\n  and warned"]);
    expect(state.machine).toMatch(/^[0-9a-f]{32}$/);
  });

  it("does not run again for the same machine at another address", async () => {
    const elsewhere = { ...state, host: { ...state.host, address: "192.0.2.1" } };
    await converge(wanted(...state.commands), elsewhere);
    expect(await ran()).toEqual(["one", "two"]);
  });

  it("runs again when it changes, and for another machine", async () => {
    state = (await converge(wanted("echo three >>/tmp/setup"), state)).state;
    const replaced = { ...state, host: { ...state.host, address: "192.0.2.1" }, machine: "0".repeat(32) };
    await converge(wanted(...state.commands), replaced);
    expect(await ran()).toEqual(["one", "two", "three", "three"]);
  });

  it("stops at the command that fails, with the end of the output", async () => {
    const failing = wanted("seq 1 100000", "echo no such device; false", "echo never >>/tmp/setup");
    const thrown = await converge(failing, state).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(SlipwayError);
    expect(String(thrown)).toMatch(/setup of web failed with exit code 1\n.*\n {2}\| 100000\n {2}\| no such device\n/s);
    expect(await ran()).not.toContain("never");
  });
});
