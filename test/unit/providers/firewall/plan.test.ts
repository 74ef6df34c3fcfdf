import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openTexts, publicOpenings } from "../../../../components/server/firewall.ts";
import { openingText, parseOpening } from "../../../../core/opening.ts";
import { FAMILIES, normalRange } from "../../../../core/range.ts";
import { bootFiles, sumOf } from "../../../../providers/firewall/boot.ts";
import { FirewallInputs, type ObservedFirewall } from "../../../../providers/firewall/inputs.ts";
import { describeFirewall, planFirewall } from "../../../../providers/firewall/plan.ts";
import { firewallProvider } from "../../../../providers/firewall/provider.ts";
import { canonicalRule, foundRules, openOf, restoreText, wantedRules } from "../../../../providers/firewall/rules.ts";

const EVERYBODY = ["0.0.0.0/0", "::/0"];
const WANTED: FirewallInputs = FirewallInputs.parse({
  schema: 1,
  host: { name: "web-1", address: "203.0.113.10", port: 22, user: "root" },
  stack: "slipway/production",
  ssh: ["198.51.100.0/24"],
  open: ["80/tcp", "443/tcp", "5432/tcp from 10.0.0.0/16, fd00::/8"],
  status: "closed but for these",
});
const NO_RULES = { rules: [], hooks: [], passes: true };
const NOTHING: ObservedFirewall = {
  kind: "present",
  interfaces: ["eth0"],
  sshPort: 22,
  families: { "4": NO_RULES, "6": NO_RULES },
  kept: {},
  systemd: "absent",
};

/** A host on which this is in force. */
function closed(wanted: FirewallInputs, changes: Partial<ObservedFirewall> = {}): ObservedFirewall {
  const families = Object.fromEntries(FAMILIES.map((family) => [family, wantedRules(wanted, NOTHING, family)]));
  return { ...NOTHING, owner: wanted.stack, families, ...changes };
}

const kept = (wanted: FirewallInputs) =>
  Object.fromEntries(bootFiles(wanted, closed(wanted)).map(({ path, content }) => [path, sumOf(content)]));

const planned = (wanted: FirewallInputs, found: ObservedFirewall, before?: FirewallInputs) =>
  planFirewall(wanted, found, before).map((operation) => describeFirewall(operation, wanted));

/** Without one rule of IPv4. */
function without(found: ObservedFirewall, part: string): ObservedFirewall {
  const four = found.families["4"] ?? NO_RULES;
  return {
    ...found,
    families: { ...found.families, "4": { ...four, rules: four.rules.filter((rule) => !rule.includes(part)) } },
  };
}

/** FORWARD leads past DOCKER-USER. */
const withoutJump = (found: ObservedFirewall): ObservedFirewall => ({
  ...found,
  families: Object.fromEntries(Object.entries(found.families).map(([family, rules]) => [family, { ...rules, passes: false }])),
});

describe("the firewall of one host", () => {
  const open = ["80/tcp", "443/tcp"];
  const table: readonly (readonly [
    what: string,
    found: ObservedFirewall,
    before: FirewallInputs | undefined,
    steps: string[],
  ])[] = [
    [
      "closed by a run that died before it confirmed that",
      closed(WANTED, { unconfirmed: true }),
      undefined,
      ["rules that an interrupted run did not confirm, so that the host takes them back (drift)"],
    ],
    [
      "nothing",
      NOTHING,
      undefined,
      ["close all ports to the outside except SSH from 198.51.100.0/24; 80/tcp; 443/tcp; 5432/tcp from 10.0.0.0/16, fd00::/8"],
    ],
    ["it as declared", closed(WANTED), WANTED, []],
    ["a host without IPv6", { ...closed(WANTED), families: { "4": wantedRules(WANTED, NOTHING, "4") } }, WANTED, []],
    [
      "fewer ports declared before",
      closed({ ...WANTED, open }),
      { ...WANTED, open },
      ["opens 5432/tcp from 10.0.0.0/16, fd00::/8"],
    ],
    [
      "more ports declared before",
      closed({ ...WANTED, open: [...WANTED.open, "25/tcp"] }),
      { ...WANTED, open: [...WANTED.open, "25/tcp"] },
      ["closes 25/tcp"],
    ],
    [
      "SSH for everybody before",
      closed({ ...WANTED, ssh: EVERYBODY }),
      { ...WANTED, ssh: EVERYBODY },
      ["opens SSH from 198.51.100.0/24 · closes SSH from anywhere"],
    ],
    ["a rule taken away", without(closed(WANTED), "--ctorigdstport 80 "), WANTED, ["rule for port 80 missing (drift)"]],
    [
      "the last rule taken away",
      without(closed(WANTED), "FORWARD -j DROP"),
      WANTED,
      ["the rule that closes everything else missing (drift)"],
    ],
    [
      "all of it gone",
      NOTHING,
      WANTED,
      [
        "firewall found missing (drift) · close all ports to the outside except SSH from 198.51.100.0/24; 80/tcp; 443/tcp; 5432/tcp from 10.0.0.0/16, fd00::/8",
      ],
    ],
    [
      "another interface to the outside",
      closed(WANTED, { interfaces: ["ens3"] }),
      WANTED,
      [
        "DOCKER-USER does not jump to it on ens3, INPUT does not jump to it on ens3, eth0 is no longer an interface to the outside (drift)",
      ],
    ],
    [
      "containers that packets reach past it",
      withoutJump(closed(WANTED)),
      WANTED,
      ["FORWARD does not lead to DOCKER-USER, so it does not cover ports of containers (drift)"],
    ],
    ["it as declared, but not at boot", closed(WANTED, { systemd: "on" }), WANTED, ["load it at boot"]],
    ["it as declared, but its unit off", closed(WANTED, { systemd: "off", kept: kept(WANTED) }), WANTED, ["load it at boot"]],
    ["it as declared, at boot, too", closed(WANTED, { systemd: "on", kept: kept(WANTED) }), WANTED, []],
    [
      "a rule taken away, and all as declared for the next boot",
      without(closed(WANTED, { systemd: "on", kept: kept(WANTED) }), "--ctorigdstport 80 "),
      WANTED,
      ["rule for port 80 missing (drift)"],
    ],
  ];
  it.each(table)("found %s", (_what, found, before, steps) => {
    expect(planned(WANTED, found, before)).toEqual(steps);
  });

  it("names the stack that the rules belong to", () => {
    expect(planned(WANTED, closed({ ...WANTED, stack: "slipway/staging" }), WANTED)).toEqual([
      "it belongs to slipway/staging (drift)",
    ]);
  });

  it("says in the first preview what it closes, and what it does not know of an unreachable host", () => {
    expect(firewallProvider.plan(WANTED, undefined)).toMatchObject({
      changes: true,
      text: expect.stringMatching(/^web-1 {3}close all ports/),
    });
    const state = { ...WANTED, found: { kind: "unreachable", reason: "no answer" } as const };
    expect(firewallProvider.plan(WANTED, state)).toEqual({ changes: true, text: "web-1   unreachable: no answer" });
  });

  it("accepts nothing, so that it opens nothing that another firewall closes", () => {
    for (const family of FAMILIES) expect(restoreText(WANTED, NOTHING, family)).not.toContain("ACCEPT");
  });

  it("leads traffic to containers through it by a jump of its own, whatever Docker's backend does", () => {
    for (const family of FAMILIES)
      expect(restoreText(WANTED, NOTHING, family)).toContain(
        "\n-I FORWARD -m comment --comment slipway:slipway/production -j DOCKER-USER\n",
      );
  });

  it("keeps containers from the metadata of a server that has its host key there", () => {
    const made = FirewallInputs.parse({ ...WANTED, metadata: "closed" });
    expect(restoreText(made, NOTHING, "4")).toContain(
      "\n-I DOCKER-USER -d 169.254.169.254/32 -m comment --comment slipway:slipway/production -j DROP\n",
    );
    expect(restoreText(made, NOTHING, "6")).not.toContain("169.254");
    expect(planned(made, closed(made), made)).toEqual([]);
    expect(planned(made, closed(WANTED), WANTED)).toEqual(["closes the server's metadata to containers"]);
    expect(planned(made, closed(WANTED), made)).toEqual(["containers can read the server's metadata (drift)"]);
    expect(planned(WANTED, closed(made), made)).toEqual(["opens the server's metadata to containers"]);
  });

  it("gives each IP version its own ranges", () => {
    expect(restoreText(WANTED, NOTHING, "4")).toContain("-s 10.0.0.0/16 -p tcp -m tcp --dport 5432");
    expect(restoreText(WANTED, NOTHING, "6")).toContain("-s fd00::/8 -p tcp -m tcp --dport 5432");
    // no one may use SSH over IPv6
    expect(restoreText(WANTED, NOTHING, "6")).not.toContain("--dport 22");
  });
});

describe("what iptables prints", () => {
  it.each([
    [
      "-A SLIPWAY-INPUT -s 10.0.0.0/16 -p tcp -m tcp --dport 22 -j RETURN",
      "-A SLIPWAY-INPUT -p 6 -s 10.0.0.9/16 -m tcp --dport 22 -j RETURN",
    ],
    [
      "-A SLIPWAY-INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
      "-A SLIPWAY-INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN",
    ],
    ["-A SLIPWAY-INPUT -p ipv6-icmp -j RETURN", "-A SLIPWAY-INPUT -p icmpv6 -j RETURN"],
  ])("is the same in every version of it: %s", (one, other) => {
    expect(canonicalRule(one)).toBe(canonicalRule(other));
  });

  it("does not take a rule for another one", () => {
    expect(canonicalRule("-A SLIPWAY-INPUT ! -s 10.0.0.0/16 -j RETURN")).not.toBe(
      canonicalRule("-A SLIPWAY-INPUT -s 10.0.0.0/16 -j RETURN"),
    );
  });

  it("is read back as what was declared", () => {
    expect(openOf(closed(WANTED))).toEqual(["80/tcp", "443/tcp", "5432/tcp from 10.0.0.0/16, fd00::/8"]);
  });

  it("reports whose it is, and that a rule above takes it out of force", () => {
    const hook = '-A INPUT -i eth0 -m comment --comment "slipway:slipway/production" -j SLIPWAY-INPUT';
    expect(foundRules([hook])).toMatchObject({ rules: [], hooks: ["INPUT eth0"], owner: "slipway/production" });
    expect(foundRules(["-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT", "-A INPUT -i lo -j ACCEPT", hook]).hooks).toEqual([
      "INPUT eth0",
    ]);
    expect(foundRules(["-A INPUT -j ACCEPT", hook]).hooks).toEqual([]);
  });

  it.each([
    ["Docker's own jump", ["-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER-FORWARD"], true],
    ["ours", ['-A FORWARD -m comment --comment "slipway:slipway/production" -j DOCKER-USER'], true],
    ["one behind rules that accept some", ["-A FORWARD -o tailscale0 -j ACCEPT", "-A FORWARD -j DOCKER-USER"], true],
    ["no jump", ["-A FORWARD -j DOCKER-FORWARD"], false],
    ["one for some traffic", ["-A FORWARD -i eth1 -j DOCKER-USER"], false],
    ["one behind a rule that accepts all", ["-A FORWARD -j ACCEPT", "-A FORWARD -j DOCKER-USER"], false],
    ["one behind Docker's chains, which accept", ["-A FORWARD -j DOCKER-FORWARD", "-A FORWARD -j DOCKER-USER"], false],
    ["one behind the rule of a bridge", ["-A FORWARD -o docker0 -j DOCKER", "-A FORWARD -j DOCKER-USER"], false],
  ])("reports whether packets to containers pass it: %s", (_what, lines, passes) => {
    expect(foundRules(lines).passes).toBe(passes);
  });
});

describe("openings", () => {
  it("are what the proxy has, and what roles publish beyond loopback", () => {
    const proxy = { publish: true, httpPort: 80, httpsPort: 8443 } as Parameters<typeof publicOpenings>[0];
    const publish = [
      { ip: "127.0.0.1", hostPort: 9000, containerPort: 9000, protocol: "tcp" as const },
      { ip: "0.0.0.0", hostPort: 25, containerPort: 2525, protocol: "tcp" as const },
      { ip: "203.0.113.10", hostPort: 53, containerPort: 53, protocol: "udp" as const },
    ];
    expect(openTexts(publicOpenings(proxy, publish))).toEqual(["25/tcp", "53/udp", "80/tcp", "8443/tcp"]);
    expect(openTexts(publicOpenings(undefined, []))).toEqual([]);
  });

  it("of one port are one text, for all who want it", () => {
    const port = { port: 5432, protocol: "tcp" as const };
    expect(
      openTexts([
        { ...port, from: ["10.1.0.0/16"] },
        { ...port, from: ["10.0.0.0/16"] },
      ]),
    ).toEqual(["5432/tcp from 10.0.0.0/16, 10.1.0.0/16"]);
  });

  it("are read as they are written", () => {
    const range = fc
      .oneof(fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })), fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })))
      .map(([address, bits]) => `${address}/${bits}`);
    const opening = fc.record({
      port: fc.integer({ min: 1, max: 65535 }),
      protocol: fc.constantFrom("tcp" as const, "udp" as const),
      from: fc.array(range, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(opening, (one) => {
        const text = openingText(one);
        expect(openingText(parseOpening(text))).toBe(text);
      }),
    );
  });

  it.each([
    ["198.51.100.7/24", "198.51.100.0/24"],
    ["10.9.8.7/0", "0.0.0.0/0"],
    ["10.9.8.7/32", "10.9.8.7/32"],
    ["2001:DB8:0:0::1/32", "2001:db8::/32"],
    ["2001:db8::ff00:42:8329/120", "2001:db8::ff00:42:8300/120"],
    ["::1/0", "::/0"],
    ["fe80::1/10", "fe80::/10"],
  ])("have ranges in one form: %s", (written, normal) => {
    expect(normalRange(written)).toBe(normal);
  });
});
