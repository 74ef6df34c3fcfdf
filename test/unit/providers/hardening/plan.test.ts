import { describe, expect, it } from "vitest";
import { DROP_IN_SUM, DROP_IN_TEXT } from "../../../../providers/hardening/drop-in.ts";
import { type FoundHardening, HardeningInputs } from "../../../../providers/hardening/inputs.ts";
import { describeHardening, planHardening } from "../../../../providers/hardening/plan.ts";
import { hardeningProvider } from "../../../../providers/hardening/provider.ts";

const WANTED: HardeningInputs = HardeningInputs.parse({
  schema: 1,
  host: { name: "web-1", address: "203.0.113.10", port: 22, user: "root" },
  user: "deploy",
  patience: 0,
  status: "key only, no root login",
});
const HARDENED = {
  kind: "present",
  as: "deploy",
  sudo: true,
  docker: true,
  sshd: { permitrootlogin: "no", passwordauthentication: "no", kbdinteractiveauthentication: "no", pubkeyauthentication: "yes" },
  dropIn: DROP_IN_SUM,
} as const satisfies FoundHardening;
const FRESH: FoundHardening = {
  kind: "present",
  as: "root",
  sudo: false,
  sshd: { ...HARDENED.sshd, permitrootlogin: "without-password", passwordauthentication: "yes" },
};

const planned = (found: FoundHardening) => planHardening(WANTED, found).map((operation) => describeHardening(operation, WANTED));

describe("SSH of one host", () => {
  const table: readonly (readonly [what: string, found: FoundHardening, steps: readonly string[]])[] = [
    [
      "as the distribution has it",
      FRESH,
      [
        "give deploy login, sudo with the keys of root",
        "sshd: key only, no root login; found PermitRootLogin without-password, PasswordAuthentication yes",
      ],
    ],
    ["hardened", HARDENED, []],
    ["hardened, on a host without Docker", { ...HARDENED, docker: undefined }, []],
    ["hardened, before Docker came", { ...HARDENED, docker: false }, ["give deploy Docker"]],
    [
      "hardened, its file changed without effect",
      { ...HARDENED, dropIn: "0".repeat(64) },
      ["sshd: key only, no root login; found our file was changed"],
    ],
    [
      "hardened by a run that died before it confirmed that",
      { ...HARDENED, unconfirmed: true },
      ["sshd: key only, no root login; found our file unconfirmed by an interrupted run, so that the host takes it back"],
    ],
    [
      "open for root again",
      { ...HARDENED, sshd: { ...HARDENED.sshd, permitrootlogin: "yes" } },
      ["sshd: key only, no root login; found PermitRootLogin yes"],
    ],
    ["out of reach", { kind: "unreachable", reason: "no answer" }, []],
  ];
  it.each(table)("found %s", (_what, found, steps) => {
    expect(planned(found)).toEqual(steps);
  });

  it("says in the first preview who logs in from then on", () => {
    expect(hardeningProvider.plan(WANTED, undefined).text).toBe(
      "web-1   give deploy login with the keys of root, sudo and Docker · sshd: key only, no root login; from then on deploy logs in",
    );
    expect(hardeningProvider.plan({ ...WANTED, patience: 600 }, undefined).text).toContain("wait for the new machine (≤ 600 s)");
  });

  it("changes nothing when nothing changed, and hardens another machine from the start", () => {
    const state = { ...WANTED, found: HARDENED, connection: { ...WANTED.host, user: "deploy" } };
    expect(hardeningProvider.plan(WANTED, state).changes).toBe(false);
    const moved = { ...WANTED, host: { ...WANTED.host, address: "203.0.113.11" } };
    expect(hardeningProvider.plan(moved, state)).toMatchObject({
      changes: true,
      text: expect.stringContaining("give deploy login"),
    });
    expect(hardeningProvider.plan(moved, state).replace).toBeUndefined();
  });

  it("is by key alone, and not for root", () => {
    expect(DROP_IN_TEXT.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
      "PermitRootLogin no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PubkeyAuthentication yes",
    ]);
  });
});
