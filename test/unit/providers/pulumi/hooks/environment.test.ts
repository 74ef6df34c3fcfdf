import { expect, it } from "vitest";
import { type HookFacts, hookVariables } from "../../../../../providers/pulumi/hooks/environment.ts";

const CIRCUMSTANCES = { performer: "ann@acme.example", command: "deploy", now: new Date("2026-03-01T09:30:00.123Z") };
const FACTS: HookFacts = {
  service: "shop",
  stack: "production",
  destination: "production",
  hosts: [
    { name: "web-1", address: "203.0.113.10" },
    { name: "web-2", address: "203.0.113.11" },
  ],
  roles: ["web", "jobs"],
  version: "1.4.2",
  image: "ghcr.io/acme/shop@sha256:9f31",
  release: "1.4.2-ab12cd34",
  lock: false,
};

it("has our names and those of Kamal, whose hosts are addresses", () =>
  expect(hookVariables({ ...FACTS, runtime: 12.6 }, CIRCUMSTANCES)).toEqual({
    SLIPWAY_SERVICE: "shop",
    SLIPWAY_STACK: "production",
    SLIPWAY_DESTINATION: "production",
    SLIPWAY_VERSION: "1.4.2",
    SLIPWAY_IMAGE: "ghcr.io/acme/shop@sha256:9f31",
    SLIPWAY_RELEASE: "1.4.2-ab12cd34",
    SLIPWAY_HOSTS: "web-1,web-2",
    SLIPWAY_ROLES: "web,jobs",
    KAMAL_RECORDED_AT: "2026-03-01T09:30:00Z",
    KAMAL_PERFORMER: "ann@acme.example",
    KAMAL_SERVICE: "shop",
    KAMAL_VERSION: "1.4.2",
    KAMAL_SERVICE_VERSION: "shop@1.4.2",
    KAMAL_DESTINATION: "production",
    KAMAL_HOSTS: "203.0.113.10,203.0.113.11",
    KAMAL_ROLES: "web,jobs",
    KAMAL_LOCK: "false",
    KAMAL_COMMAND: "deploy",
    KAMAL_RUNTIME: "13",
  }));

it.each<[string, Partial<HookFacts>, string]>([
  ["a commit is shortened, as in Kamal", { version: "0123456789abcdef0123456789abcdef01234567" }, "shop@0123456"],
  ["one with changes too", { version: "0123456789abcdef0123456789abcdef01234567_uncommitted_9f31" }, "shop@0123456"],
  ["without a version it is the service", { version: undefined }, "shop"],
])("%s", (_what, facts, expected) =>
  expect(hookVariables({ ...FACTS, ...facts }, CIRCUMSTANCES).KAMAL_SERVICE_VERSION).toBe(expected),
);

it("leaves out what is not known at a moment", () => {
  const { destination: _none, version: _version, image: _image, release: _release, ...rest } = FACTS;
  const names = Object.keys(hookVariables(rest, CIRCUMSTANCES));
  for (const name of [
    "SLIPWAY_VERSION",
    "SLIPWAY_IMAGE",
    "SLIPWAY_RELEASE",
    "KAMAL_VERSION",
    "KAMAL_DESTINATION",
    "KAMAL_RUNTIME",
  ])
    expect(names).not.toContain(name);
});
