import { describe, expect, it } from "vitest";
import { faultsOf, Machine, prints, valuesOf } from "./tools.ts";

const ODD = ` a'b"c\\d$e\`f ü #`;

describe("a file of dotenv", () => {
  it("gives what Kamal reads there: texts, variables, defaults, commands, values of several lines", async () => {
    using machine = new Machine().file("config/master.key", "key-4711\n").file(
      ".env",
      `A='${ODD.replace("'", "")}'
B=$GIVEN
C=\${NOT_GIVEN:-fallback}
D=$(cat config/master.key)
E="line 1
line 2"
F=x-$B-$(printf '%s' "$A")
G=$(printf 'two\\nlines\\n\\n')
`,
    );
    machine.env = { GIVEN: "from the environment" };
    expect(valuesOf(await machine.ask([{ dotenv: ".env" }], ["A", "B", "C", "D", "E", "F", "G"]))).toEqual({
      A: ODD.replace("'", ""),
      B: "from the environment",
      C: "fallback",
      D: "key-4711",
      E: "line 1\nline 2",
      F: `x-from the environment-${ODD.replace("'", "")}`,
      G: "two\nlines\n",
    });
  });

  it("runs only what is needed, and each command once", async () => {
    using machine = new Machine()
      .program("store", "echo value-4711")
      .file(".env", "ALL=$(store)\nA=$ALL\nB=$ALL\nOTHER=$(store other)\n");
    expect(valuesOf(await machine.ask([{ dotenv: ".env" }], ["A", "B"]))).toEqual({ A: "value-4711", B: "value-4711" });
    expect(machine.calls).toEqual(["store "]);
  });

  it("runs commands in the folder that is named, as Kamal does in the app's", async () => {
    using machine = new Machine().file(".kamal/secrets", "A=$(cat master.key)").file("app/master.key", "key-4711");
    expect(valuesOf(await machine.ask([{ dotenv: ".kamal/secrets", folder: "app" }], ["A"]))).toEqual({ A: "key-4711" });
  });

  it("lets a later file take precedence, which sees the names of those before", async () => {
    using machine = new Machine().file("common", "A=1\nB=2\n").file("own", "B=3\nC=$A\n");
    expect(valuesOf(await machine.ask([{ dotenv: ["common", "own"] }], ["A", "B", "C"]))).toEqual({ A: "1", B: "3", C: "1" });
  });

  it("leaves a name to the next source whose variable is not set, and says why if no source has it", async () => {
    using machine = new Machine().file(".env", "\nA=$A\nB=$B\n");
    machine.env = { B: "" };
    const answers = await machine.ask([{ dotenv: ".env" }], ["A", "B"]);
    expect(answers).toEqual({
      values: {},
      hints: { A: ".env:2 takes it from $A, which is not set", B: ".env:3 takes it from $B, which is empty" },
      faults: [],
    });
  });

  it("names the line of a command that fails, without what it printed", async () => {
    using machine = new Machine().file(".env", "A=$(echo value-4711; echo 'no such item' >&2; exit 3)");
    expect(faultsOf(await machine.ask([{ dotenv: ".env" }], ["A"]))).toEqual(["[0] .env:1 (A): echo says: no such item"]);
  });

  it.each([
    ["missing", "[0] there is no file missing; paths are relative to the project's folder"],
    [".", "[0] . is not a file"],
  ])("refuses the file %j", async (file, fault) => {
    using machine = new Machine().file("x", "");
    expect(faultsOf(await machine.ask([{ dotenv: file }], ["A"]))).toEqual([fault]);
  });
});

describe("kamal secrets fetch in it", () => {
  const ITEM = {
    fields: [
      { id: "1", label: "TOKEN", value: ODD },
      { id: "2", label: "DB_URL", value: "postgres://x y" },
    ],
  };
  const SECRETS = `SECRETS=$(kamal secrets fetch --adapter 1password --account acme \\
  --from Vault/Item TOKEN DB_URL)
TOKEN=$(kamal secrets extract TOKEN $SECRETS)
DATABASE_URL=$(kamal secrets extract Vault/Item/DB_URL \${SECRETS})
`;

  it("asks the store itself, once, without Kamal", async () => {
    using machine = new Machine().program("op", prints(ITEM)).file(".kamal/secrets", SECRETS);
    expect(valuesOf(await machine.ask([{ dotenv: ".kamal/secrets" }], ["TOKEN", "DATABASE_URL"]))).toEqual({
      TOKEN: ODD,
      DATABASE_URL: "postgres://x y",
    });
    expect(machine.calls).toEqual(["op item get Item --format json --vault Vault --account acme"]);
  });

  it("says what is missing there", async () => {
    using machine = new Machine().program("op", prints({ fields: [] })).file(".kamal/secrets", SECRETS);
    expect(faultsOf(await machine.ask([{ dotenv: ".kamal/secrets" }], ["TOKEN"]))).toEqual([
      "[0] .kamal/secrets:1 (SECRETS): Vault/Item/TOKEN is not in 1password",
    ]);
  });

  const aws = {
    SecretValues: [
      { Name: "p/shop", ARN: "arn:p/shop-AbCdEf", SecretString: '{"A":"1","B":2}' },
      { Name: "p/C", ARN: "arn:p/C-AbCdEf", SecretString: "x" },
    ],
  };
  const gcloud = prints({ payload: { data: "c2VjcmV0" } });

  it.each([
    [
      "aws_secrets_manager --account acme --from p shop C",
      { A: "1", "shop/B": "2", C: "x" },
      { aws: prints(aws) },
      "aws secretsmanager batch-get-secret-value --secret-id-list p/shop p/C --output json --no-cli-pager --profile acme",
    ],
    [
      "doppler --from shop/prd A",
      { A: "1" },
      { doppler: prints({ A: { computed: "1" } }) },
      "doppler secrets --json --no-check-version --project shop --config prd",
    ],
    [
      "gcp --account default|ci@acme --from acme A/3",
      { A: "secret" },
      { gcloud },
      "gcloud secrets versions access 3 --secret=A --project=acme --impersonate-service-account=ci@acme --format=json --quiet",
    ],
    [
      "bitwarden --account me@acme --from Item A",
      { A: "1" },
      { bw: prints({ fields: [{ name: "A", value: "1" }] }) },
      "bw get item Item --nointeraction",
    ],
    [
      "bitwarden --account me@acme Item",
      { Item: "p" },
      { bw: prints({ login: { password: "p" } }) },
      "bw get item Item --nointeraction",
    ],
    [
      "lastpass --account me@acme --from shop A",
      { A: "1" },
      { lpass: prints([{ name: "A", fullname: "shop/A", password: "1" }]) },
      "lpass show --json --color=never shop/A",
    ],
    ["some_other A", { A: "1" }, { kamal: prints({ A: "1" }) }, "kamal secrets fetch --adapter some_other A"],
    ["bitwarden-sm p1/all", { A: "1" }, { kamal: prints({ A: "1" }) }, "kamal secrets fetch --adapter bitwarden-sm p1/all"],
  ])("%s", async (args, values, programs, call) => {
    using machine = new Machine();
    for (const [name, script] of Object.entries(programs)) machine.program(name, script);
    const names = Object.keys(values).map((name, at) => [`N${at}`, name] as const);
    const lines = names.map(([own, name]) => `${own}=$(kamal secrets extract ${name} $S)`).join("\n");
    machine.file(
      ".kamal/secrets",
      `S=$(kamal secrets fetch --adapter '${args.split(" ")[0]}' ${args
        .split(" ")
        .slice(1)
        .map((word) => `'${word}'`)
        .join(" ")})\n${lines}\n`,
    );
    const found = valuesOf(
      await machine.ask(
        [{ dotenv: ".kamal/secrets" }],
        names.map(([own]) => own),
      ),
    );
    expect(Object.values(found)).toEqual(Object.values(values));
    expect(machine.calls).toEqual([call]);
  });
});
