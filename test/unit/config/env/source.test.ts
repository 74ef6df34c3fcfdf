import { describe, expect, it } from "vitest";
import { parseConfig, type RawConfig, readConfig } from "../../../../config/index.ts";
import { problems, problemsOf } from "../fixture.ts";
import { describeRefusals, setSecret } from "../refusals.ts";

const source = (one: unknown) => ({ secrets_from: [one] });

const KINDS =
  "dotenv, env, command, sops, 1password, aws, doppler, vault, openbao, gcp, bitwarden, bitwarden-sm, infisical, lastpass";

describeRefusals("sources of secrets", [
  ["refuses an item that names no source", source({ names: {} }), `secrets_from[0] should have one of ${KINDS}`],
  [
    "refuses two sources in one item",
    source({ sops: "a", dotenv: "b" }),
    "secrets_from[0] is dotenv and sops: make an item of the list of each",
  ],
  ["requires the item of 1Password", source({ "1password": { vault: "v" } }), 'secrets_from[0]["1password"].item is required'],
  [
    "requires what AWS is asked for",
    source({ aws: {} }),
    "secrets_from[0].aws needs secret (a JSON object), prefix (a secret for each name), or both",
  ],
  ["requires the path of Vault", source({ vault: {} }), "secrets_from[0].vault.path is required"],
  [
    "requires the environment of Infisical, which has a default that is not production",
    source({ infisical: { project: "p" } }),
    "secrets_from[0].infisical.environment is required",
  ],
  [
    "refuses what a tool would take for an option",
    source({ sops: "--help" }),
    "secrets_from[0].sops should be text, and not begin with -",
  ],
  [
    "refuses a folder where nothing runs",
    source({ sops: "a", folder: "b" }),
    "secrets_from[0].folder is for dotenv and command: other sources run nothing of yours",
  ],
  [
    "refuses a name that no secret has",
    source({ env: true, names: { "a.b": "c" } }),
    'secrets_from[0].names["a.b"] is not a valid name of a secret: use letters, digits and _',
  ],
  ["refuses one value of what is no command", source({ env: true, prints: "A" }), "secrets_from[0].prints is for command"],
  ["refuses env: false", source({ env: false }), "secrets_from[0].env should be true"],
  [
    "names the sources that lack a secret",
    { secrets_from: [{ dotenv: ".env" }, { sops: "s.yaml" }], env: { secret: ["A"] } },
    `env.secret[0] A is not set and is not in dotenv .env or sops s.yaml: ${setSecret("secrets.A")}`,
  ],
]);

const written = (values: Readonly<Record<string, unknown>>): RawConfig => ({
  values: Object.fromEntries(
    Object.entries({
      service: "shop",
      image: "shop:1",
      servers: ["203.0.113.10"],
      secrets_from: [{ env: true }, { sops: "s.yaml" }],
      ...values,
    }).map(([key, value]) => [`slipway:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
  ),
  secretKeys: new Set(["slipway:secrets"]),
  stack: "production",
  file: "Pulumi.production.yaml",
});

const USES = {
  secrets: { OWN: "own" },
  env: { secret: ["OWN", "A", "IN:B"] },
  registry: { username: "u", password: ["TOKEN"] },
  ssh: { key_data: ["DEPLOY_KEY"] },
  builder: { secrets: ["NPM_TOKEN", "A"] },
  accessories: { db: { image: "postgres:16", host: "203.0.113.10", env: { secret: ["DB_PASSWORD"] } } },
};

it("refuses a source that it does not know", () => {
  expect(problems(source({ sopps: "a" }))[0]).toBe("slipway:secrets_from[0].sopps unknown key; did you mean sops?");
});

describe("what sources are asked", () => {
  it("is what the config uses and slipway:secrets does not have; what is needed in a run alone decides nothing", () => {
    const { wanted } = readConfig(written(USES)).question;
    const names = (decides: boolean) => wanted.filter((one) => one.decides === decides).map(({ name }) => name);
    expect(names(true).sort()).toEqual(["A", "B", "DB_PASSWORD"]);
    expect(names(false).sort()).toEqual(["DEPLOY_KEY", "NPM_TOKEN", "TOKEN"]);
  });

  it("is the same while values in the file are encrypted", () => {
    const sealed = { ...USES, secrets: { OWN: "\0v1:x" } };
    expect(readConfig(written(sealed)).question).toEqual(readConfig(written(USES)).question);
  });
});

describe("answers of sources", () => {
  const answers = (values: Readonly<Record<string, string>>, faults: { source: number; message: string }[] = []) => ({
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 1 }])),
    hints: { B: ".env:3 takes it from $B, which is not set" },
    faults,
  });
  const env = { secret: ["A"] };

  it("are secrets of the config, after those of Pulumi", () => {
    const raw = written({ secrets: { A: "Pulumi's" }, env: { secret: ["A", "B"] } });
    expect(parseConfig({ ...raw, answers: answers({ A: "the store's", B: "b", UNUSED: "c" }) }).secrets).toEqual({
      A: "Pulumi's",
      B: "b",
    });
  });

  it.each([
    [" ", "slipway:env.secret[0] A from sops s.yaml is blank"],
    ["value-4711\n", "slipway:env.secret[0] A from sops s.yaml has a trailing line break: correct it there"],
  ])("%j is refused with the source, and not shown", (value, problem) => {
    expect(problemsOf(() => parseConfig({ ...written({ env }), answers: answers({ A: value }) }))).toEqual([problem]);
  });

  it("say why a name is missing", () => {
    const raw = { ...written({ env: { secret: ["B"] } }), answers: answers({}) };
    expect(problemsOf(() => parseConfig(raw))).toEqual([
      `slipway:env.secret[0] B is not set and is not in the environment or sops s.yaml (.env:3 takes it from $B, which is not set): ${setSecret("secrets.B")}`,
    ]);
  });

  it("are one error with all else that is wrong, and a source that failed is not followed by each name that it may have", () => {
    const raw = { ...written({ env, proxy: { app_prot: 1 } }), answers: answers({}, [{ source: 1, message: "needs sops" }]) };
    expect(problemsOf(() => parseConfig(raw))).toEqual([
      "slipway:proxy.app_prot unknown key; did you mean app_port?",
      "slipway:secrets_from[1] needs sops",
    ]);
  });

  it.each([
    ["a source", { password: ["TOKEN"] }, true],
    ["Pulumi", { password: ["OWN"] }, undefined],
    ["Pulumi, if it says so", { password: ["OWN"], expires: true }, true],
    ["a source, unless it says so", { password: ["TOKEN"], expires: false }, undefined],
  ])("a registry's password from %s expires: %j %j", (_, password, expires) => {
    const raw = written({ secrets: { OWN: "o" }, registry: { username: "u", ...password } });
    expect(parseConfig({ ...raw, answers: answers({ TOKEN: "t" }) }).registry?.expires).toBe(expires);
  });
});
