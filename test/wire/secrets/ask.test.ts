import { describe, expect, it } from "vitest";
import { aPerson, faultsOf, Machine, prints, valuesOf } from "./tools.ts";

describe("a command", () => {
  it.each([
    ["JSON", prints({ A: "x y", PORT: 1, deep: { B: "z" } }), { A: "x y", PORT: "1" }],
    [
      "dotenv, in which nothing is run or replaced",
      prints("A='x y'\nexport PORT=\"$HOME $(id) ${B:-c}\""),
      { A: "x y", PORT: "$HOME $(id) ${B:-c}" },
    ],
  ])("prints %s", async (_, script, values) => {
    using machine = new Machine().program("store", script);
    expect(valuesOf(await machine.ask([{ command: ["store", "production"] }], ["A", "PORT", "B"]))).toEqual(values);
    expect(machine.calls).toEqual(["store production"]);
  });

  it("prints one value, which is taken as it is but for the line break at its end", async () => {
    using machine = new Machine().program("aws", "printf 'eyJ 4711=\\n'");
    const source = { command: ["aws", "ecr", "get-login-password"], prints: "REGISTRY_PASSWORD" };
    expect(valuesOf(await machine.ask([source], ["REGISTRY_PASSWORD", "OTHER"]))).toEqual({ REGISTRY_PASSWORD: "eyJ 4711=" });
    expect(valuesOf(await machine.ask([source], ["OTHER"]))).toEqual({});
    expect(machine.calls).toHaveLength(1);
  });

  it("is found by its path in the folder that is named", async () => {
    using machine = new Machine().program("../project/app/bin/store", prints({ A: "1" }));
    expect(valuesOf(await machine.ask([{ command: ["bin/store"], folder: "app" }], ["A"]))).toEqual({ A: "1" });
  });

  it.each([
    [
      "what is neither",
      "echo value-4711",
      "[0] store printed neither a JSON object nor NAME=value; for one value alone write prints: NAME",
    ],
    ["too much", "head -c 5000000 /dev/zero", "[0] store: the answer has more than 4 MiB"],
    ["an error", "echo value-4711; echo 'no access' >&2; exit 7", "[0] store says: no access"],
    ["nothing, and ends with an error", "exit 7", "[0] store ended with exit code 7"],
  ])("is refused when it prints %s", async (_, script, fault) => {
    using machine = new Machine().program("store", script);
    expect(faultsOf(await machine.ask([{ command: ["store"] }], ["A"]))).toEqual([fault]);
  });

  it("shows no token of the environment that a program prints", async () => {
    using machine = new Machine().program("store", 'echo "refused for token $STORE_TOKEN" >&2; exit 1');
    machine.env = { STORE_TOKEN: "token-4711-abcdef" };
    expect(faultsOf(await machine.ask([{ command: ["store"] }], ["A"]))).toEqual(["[0] store says: refused for token [secret]"]);
  });

  it("gets neither the config of Pulumi's program nor its hooks, and no input", async () => {
    using machine = new Machine().program("store", `${prints({ A: "1" })}\nread -r line && exit 9; exit 0`);
    machine.env = {
      PULUMI_CONFIG: "config-4711",
      PULUMI_CONFIG_SECRET_KEYS: "keys-4711",
      NODE_OPTIONS: '--no-warnings --require="/x/lean.cjs"',
    };
    machine.program("seen", "echo \"A='$PULUMI_CONFIG$PULUMI_CONFIG_SECRET_KEYS$NODE_OPTIONS'\"");
    expect(valuesOf(await machine.ask([{ command: ["store"] }], ["A"]))).toEqual({ A: "1" });
    expect(valuesOf(await machine.ask([{ command: ["seen"] }], ["A"]))).toEqual({ A: "--no-warnings" });
  });
});

describe("several sources", () => {
  it("take precedence in their order, are asked once each, and only for what is used", async () => {
    using machine = new Machine().program("one", prints({ A: "1", UNUSED: "x" })).program("two", prints({ A: "2", B: "2" }));
    const answers = await machine.ask([{ command: ["one"] }, { command: ["two"] }], ["A", "B", "C"]);
    expect(answers).toEqual({ values: { A: { value: "1", source: 0 }, B: { value: "2", source: 1 } }, hints: {}, faults: [] });
    expect(machine.calls.sort()).toEqual(["one ", "two "]);
  });

  it("are asked at the same time", async () => {
    const meets = (own: string, other: string) =>
      `: > "$HOME/${own}"; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -e "$HOME/${other}" ] && break; sleep 0.2; done; [ -e "$HOME/${other}" ] && ${prints({ A: own })}`;
    using machine = new Machine().program("one", meets("one", "two")).program("two", meets("two", "one"));
    expect(faultsOf(await machine.ask([{ command: ["one"] }, { command: ["two"] }], ["A"]))).toEqual([]);
  });

  it("are asked for nothing that the environment has, so that CI needs no login", async () => {
    using machine = new Machine();
    machine.env = { A: "from CI", EMPTY: "" };
    const sources = [{ env: true }, { "1password": { item: "shop" } }];
    expect(valuesOf(await machine.ask(sources, ["A"]))).toEqual({ A: "from CI" });
    expect(faultsOf(await machine.ask(sources, ["A", "EMPTY"]))[0]).toContain("[1] needs op, which is not on PATH");
  });

  it("name all that is wrong at once; a fault counts only where an earlier source lacks a name", async () => {
    using machine = new Machine().program("one", prints({ A: "1" })).program("bad", "echo wrong >&2; exit 1");
    const sources = [{ command: ["one"] }, { command: ["bad"] }, { sops: "s.yaml" }];
    expect(faultsOf(await machine.ask(sources, ["A", "B"]))).toEqual([
      "[1] bad says: wrong",
      "[2] needs sops, which is not on PATH: install it: brew install sops, or https://github.com/getsops/sops/releases",
    ]);
    expect(faultsOf(await machine.ask(sources, ["A"]))).toEqual([]);
  });

  it("talk with the person at the terminal one after the other", async () => {
    const alone = `mkdir "$HOME/talking" || exit 5; sleep 0.3; rmdir "$HOME/talking"; ${prints({ A: "1" })}`;
    using machine = new Machine().program("one", alone).program("two", alone).program("three", alone);
    machine.prompts = aPerson();
    expect(faultsOf(await machine.ask([{ command: ["one"] }, { command: ["two"] }, { command: ["three"] }], ["A", "B"]))).toEqual(
      [],
    );
  });

  it("say nothing of waiting while a program talks with the person", async () => {
    using machine = new Machine().program("slow", `sleep 2.5; ${prints({ A: "1" })}`);
    machine.prompts = aPerson();
    await machine.ask([{ command: ["slow"] }], ["A"]);
    expect(machine.shown).toEqual([]);
  });

  it("say what is waited for once it takes long", async () => {
    using machine = new Machine().program("slow", `sleep 2.5; ${prints({ A: "1" })}`);
    await machine.ask([{ command: ["slow"] }], ["A"]);
    expect(machine.shown).toEqual(["waiting for command slow (slipway:secrets_from[0]), 2 s"]);
  });
});
