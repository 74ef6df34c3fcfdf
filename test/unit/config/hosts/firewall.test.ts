import { describe, expect, it } from "vitest";
import { type Firewall, FirewallSection, resolveFirewall } from "../../../../config/hosts/firewall.ts";
import { type Harden, HardenSection, resolveHarden } from "../../../../config/hosts/harden.ts";
import { Problems } from "../../../../config/schema/problem.ts";
import { readShape } from "../../../../config/schema/shape.ts";

const EVERYBODY = ["0.0.0.0/0", "::/0"];

function firewall(written: unknown): { firewall: Firewall | undefined; problems: string[] } {
  const problems = new Problems();
  const place = problems.at("firewall");
  const resolved = resolveFirewall(readShape(FirewallSection, written, place), place);
  return { firewall: resolved, problems: textsOf(problems, "firewall") };
}

function harden(written: unknown): { harden: Harden | undefined; problems: string[] } {
  const problems = new Problems();
  const resolved = resolveHarden(readShape(HardenSection, written, problems.at("harden")));
  return { harden: resolved, problems: textsOf(problems, "harden") };
}

const textsOf = (problems: Problems, root: string): string[] =>
  problems.none
    ? []
    : problems
        .error("stacks/Pulumi.production.yaml", [root])
        .message.split("\n")
        .slice(1, -3)
        .map((line) => line.trim().replace(/ {3,}/, " "));

describe("slipway:firewall", () => {
  it("is off unless written, and `true` is open for SSH from anywhere", () => {
    expect(firewall(undefined).firewall).toBeUndefined();
    expect(firewall(false).firewall).toBeUndefined();
    expect(firewall(true).firewall).toEqual({ sshFrom: EVERYBODY, allow: [] });
  });

  it("knows who may use SSH, and what else may be reached by whom", () => {
    const allow = [
      { port: 5432, from: ["10.0.0.0/16"] },
      { port: 51820, protocol: "udp" },
    ];
    expect(firewall({ ssh_from: ["198.51.100.0/24", "2001:db8::/32"], allow })).toEqual({
      firewall: {
        sshFrom: ["198.51.100.0/24", "2001:db8::/32"],
        allow: [
          { port: 5432, protocol: "tcp", from: ["10.0.0.0/16"] },
          { port: 51820, protocol: "udp", from: EVERYBODY },
        ],
      },
      problems: [],
    });
  });

  it.each([
    [
      "an address without a prefix",
      { ssh_from: ["198.51.100.7"] },
      'slipway:firewall.ssh_from[0] "198.51.100.7" is not an address range: 198.51.100.0/24',
    ],
    ["no range for SSH", { ssh_from: [] }, "slipway:firewall.ssh_from should not be empty"],
    ["no port", { allow: [{ protocol: "udp" }] }, "slipway:firewall.allow[0].port is required"],
    ["a port that is none", { allow: [{ port: 70000 }] }, "slipway:firewall.allow[0].port should be at most 65535"],
    [
      "a prefix that is too long",
      { allow: [{ port: 1, from: ["10.0.0.0/33"] }] },
      'slipway:firewall.allow[0].from[0] "10.0.0.0/33" is not an address range: 198.51.100.0/24',
    ],
    ["a key that is not there", { ssh_fro: EVERYBODY }, "slipway:firewall.ssh_fro unknown key; did you mean ssh_from?"],
  ])("refuses %s", (_what, written, problem) => {
    expect(firewall(written).problems).toEqual([problem]);
  });
});

describe("slipway:harden", () => {
  it("is off unless written; its user is deploy unless another is named", () => {
    expect(harden(undefined).harden).toBeUndefined();
    expect(harden(false).harden).toBeUndefined();
    expect(harden(true).harden).toEqual({ user: "deploy" });
    expect(harden({}).harden).toEqual({ user: "deploy" });
    expect(harden({ user: "ship" }).harden).toEqual({ user: "ship" });
  });

  it.each(["root", "Ship", "a b", "x".repeat(33), "-x"])("refuses %s as its user", (user) => {
    expect(harden({ user }).problems).toEqual([
      "slipway:harden.user is not a valid user name other than root: use a-z, 0-9, _ and -",
    ]);
  });
});
