import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { accessoryProvider } from "../../../providers/accessory/provider.ts";
import { buildProvider } from "../../../providers/build/provider.ts";
import { dockerEngineProvider } from "../../../providers/docker-engine/provider.ts";
import { exposureProvider } from "../../../providers/exposure/provider.ts";
import { firewallProvider } from "../../../providers/firewall/provider.ts";
import { hardeningProvider } from "../../../providers/hardening/provider.ts";
import { hookProvider } from "../../../providers/hook/provider.ts";
import { hostKeyProvider } from "../../../providers/host-key/provider.ts";
import { preDeleteProvider } from "../../../providers/pre-delete/provider.ts";
import { proxyProvider } from "../../../providers/proxy/provider.ts";
import type { Provider } from "../../../providers/pulumi/provider.ts";
import { upgraded } from "../../../providers/pulumi/upgrade.ts";
import { registryLoginProvider } from "../../../providers/registry-login/provider.ts";
import { releaseProvider } from "../../../providers/release/provider.ts";
import { scheduleProvider } from "../../../providers/schedule/provider.ts";
import { setupProvider } from "../../../providers/setup/provider.ts";

/**
 * What real runs left in Pulumi's state, one file for each shape that a released version wrote: `<noun>.<schema>.json`. A file is never
 * changed: a new shape gets a file of its own.
 */
const FOLDER = join(import.meta.dirname, "states");

const Values = z.record(z.string(), z.unknown());
const Kept = z.object({ inputs: Values, state: Values });
type Kept = z.infer<typeof Kept>;

interface Reading {
  readonly inputs: boolean;
  readonly state: boolean;
  readonly changes: boolean;
  /** Whether it could be removed if only its host and its names could be read; "nothing" if nothing on a host is removed. */
  readonly removable: boolean | "nothing";
}

const readBy =
  <I, S extends I, D>(provider: Provider<I, S, D>) =>
  ({ inputs: written, state: kept }: Kept): Reading => {
    const inputs = provider.inputs.safeParse(upgraded(written, provider.upgrades));
    const state = provider.state.safeParse(upgraded(kept, provider.upgrades));
    return {
      inputs: inputs.success,
      state: state.success,
      changes: !inputs.success || !state.success || provider.plan(inputs.data, state.data).changes,
      removable: provider.remains === undefined ? "nothing" : provider.remains.safeParse(namesIn(kept)).success,
    };
  };

const NAMES = ["host", "hosts", "stack", "service", "destination", "accessory", "container"];
const namesIn = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => NAMES.includes(key)));

const NOUNS: Readonly<Record<string, (kept: Kept) => Reading>> = {
  accessory: readBy(accessoryProvider),
  build: readBy(buildProvider),
  dockerEngine: readBy(dockerEngineProvider),
  exposure: readBy(exposureProvider),
  firewall: readBy(firewallProvider),
  hardening: readBy(hardeningProvider),
  hook: readBy(hookProvider),
  hostKey: readBy(hostKeyProvider),
  proxy: readBy(proxyProvider),
  registryLogin: readBy(registryLoginProvider),
  release: readBy(releaseProvider),
  schedule: readBy(scheduleProvider),
  setup: readBy(setupProvider),
  tenancy: readBy(preDeleteProvider),
};

/** One was looked at before its host was hardened; the containers of the other are known by a hash of names, which are others here. */
const CHANGING = ["hardening", "schedule"];

const files = readdirSync(FOLDER).sort();
const nounOf = (file: string): string => file.split(".", 1)[0] ?? "";
const keptIn = (file: string): Kept => Kept.parse(JSON.parse(readFileSync(join(FOLDER, file), "utf8")));

describe("state of every shape", () => {
  it("is here for each noun", () => {
    expect([...new Set(files.map(nounOf))]).toEqual(Object.keys(NOUNS));
  });

  it.each(files)("is read, changes nothing by itself, and can be removed: %s", (file) => {
    const reading = NOUNS[nounOf(file)]?.(keptIn(file));
    expect(reading).toMatchObject({ inputs: true, state: true });
    expect(reading?.changes).toBe(CHANGING.includes(nounOf(file)));
    expect(reading?.removable).not.toBe(false);
  });
});
