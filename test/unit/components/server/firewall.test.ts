import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { Exposure } from "../../../../components/server/exposure.ts";
import { Firewall, openTexts } from "../../../../components/server/firewall.ts";
import { Hardening } from "../../../../components/server/hardening.ts";
import { ExposureInputs } from "../../../../providers/exposure/inputs.ts";
import { FirewallInputs } from "../../../../providers/firewall/inputs.ts";
import { HardeningInputs } from "../../../../providers/hardening/inputs.ts";

const HOST = { name: "web-1", address: "203.0.113.10", port: 22, user: "root" };
const EVERYBODY = ["0.0.0.0/0", "::/0"];
const registered = new Map<string, { type: string; inputs: Record<string, unknown> }>();
let hardening: Hardening;

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.set(name, { type, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "slipway",
    "production",
    false,
  );
  hardening = new Hardening("web-1-hardening", { host: HOST, harden: { user: "deploy" }, patience: 600 });
  const allow = [{ port: 5432, protocol: "tcp" as const, from: ["10.0.0.0/16"] }];
  const open = [{ port: 80, protocol: "tcp" as const, from: EVERYBODY }];
  const firewall = { sshFrom: ["198.51.100.0/24"], allow };
  const closed = new Firewall("web-1-firewall", { host: hardening.address, firewall, open }, { dependsOn: [hardening] });
  const declared = { "web-1": openTexts([...open, ...allow]) };
  const exposure = new Exposure("shop-exposure", { hosts: { "web-1": hardening.address }, declared, release: "1.4.2-ab12cd34" });
  await new Promise((resolve) => pulumi.all([closed.urn, exposure.urn]).apply(resolve));
});

const inputsOf = (name: string) => registered.get(name)?.inputs ?? {};

describe("what the program declares of a closed, hardened host", () => {
  it("is what their providers take", () => {
    expect([...registered.values()].map(({ type }) => type).sort()).toEqual(
      ["Exposure", "Firewall", "Hardening"].map((noun) => `pulumi-nodejs:dynamic/slipway:${noun}`),
    );
    expect(HardeningInputs.parse(inputsOf("web-1-hardening"))).toEqual({
      schema: 1,
      host: HOST,
      user: "deploy",
      patience: 600,
      status: "key only, no root login",
    });
    expect(FirewallInputs.parse(inputsOf("web-1-firewall"))).toEqual({
      schema: 1,
      host: { ...HOST, user: "deploy" },
      stack: "slipway/production",
      status: "closed but for these",
      ssh: ["198.51.100.0/24"],
      open: ["80/tcp", "5432/tcp from 10.0.0.0/16"],
    });
    expect(ExposureInputs.parse(inputsOf("shop-exposure"))).toEqual({
      schema: 1,
      hosts: { "web-1": { ...HOST, user: "deploy" } },
      release: "1.4.2-ab12cd34",
      declared: { "web-1": ["80/tcp", "5432/tcp from 10.0.0.0/16"] },
    });
  });

  it("names the new user before the run, so that the plans of all others are known", () => {
    expect(hardening.address).toEqual({ ...HOST, user: "deploy" });
  });
});
