import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { planAccessory } from "../../../../cli/add/accessory.ts";
import type { Addition } from "../../../../cli/add/addition.ts";
import { previewOf, requireInFile, requireSound, withAddition } from "../../../../cli/add/apply.ts";
import { backupOf } from "../../../../cli/add/backup.ts";
import { diff } from "../../../../cli/add/diff.ts";
import { planDomain, planHost, planWorker } from "../../../../cli/add/servers.ts";
import { StackText } from "../../../../cli/add/stack-text.ts";
import { PresetName } from "../../../../core/accessory/preset.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const FILE = `# ours
encryptionsalt: v1:abc
config:
  slipway:service: shop # the name
  slipway:image: ghcr.io/acme/shop:1.4.2
  slipway:servers:
    web:
      hosts: { web-1: 203.0.113.10 }
`;
const SHORT = `config:
  slipway:service: shop
  slipway:image: ghcr.io/acme/shop:1.4.2
  slipway:servers: # all of them
    # the first
    - 203.0.113.10 # in Falkenstein
    - 203.0.113.11
  slipway:proxy:
    host: shop.example.com
`;

const stackOf = (text: string) => new StackText(text, "production", "/srv/shop");
const password = () => "s3cret-word";

/** The text with an addition, which must be one that Slipway takes. */
function added(text: string, plan: (stack: StackText) => Addition): string {
  const before = stackOf(text);
  const addition = plan(before);
  const after = previewOf(text, addition, "Pulumi.production.yaml");
  requireSound(before, stackOf(after), addition.what);
  return after;
}

describe("slipway add DATABASE", () => {
  it("adds a database with a secret of its own, and its URL for the app; the rest of the file stays", () => {
    const after = added(FILE, (stack) => planAccessory({ preset: "postgres" }, stack, password));
    expect(after).toBe(`${FILE}  slipway:accessories:
    db:
      image: "postgres:17"
      host: "web-1"
      env:
        clear:
          POSTGRES_USER: "app"
          POSTGRES_DB: "shop"
        secret: ["POSTGRES_PASSWORD"]
  slipway:env:
    clear:
      DATABASE_URL: "postgres://app:\${accessories.db.secret.POSTGRES_PASSWORD}@\${accessories.db.host}:\${accessories.db.port}/shop"
  slipway:secrets:
    POSTGRES_PASSWORD:
      secure: "[encrypted]"
`);
  });

  it.each(PresetName.options)(
    "adds %s so that Slipway finds its login in it, with the tested image and another one",
    (preset) => {
      for (const image of [undefined, `${preset}:9.9`]) {
        const { config, problems } = stackOf(added(FILE, (stack) => planAccessory({ preset, image }, stack, password)));
        expect(problems).toEqual([]);
        expect(config.accessories.map(({ hosts, preset: found }) => [hosts, found])).toEqual([[["web-1"], preset]]);
      }
    },
  );

  it("is refused where a program declares the app, which would not see it", () => {
    expect(() => requireInFile(stackOf("config:\n  slipway:ssh: { user: deploy }\n"))).toThrow("add it in the program");
    expect(() => requireInFile(stackOf(FILE))).not.toThrow();
  });

  it("never has the secret in what is shown, and only encrypted in what is written", () => {
    const addition = planAccessory({ preset: "redis" }, stackOf(FILE), password);
    const sealed = new Map([["REDISCLI_AUTH", { secure: "v1:xyz" }]]);
    const written = withAddition(FILE, addition, sealed, "f");
    expect(parse(written).config["slipway:secrets"]).toEqual({ REDISCLI_AUTH: { secure: "v1:xyz" } });
    for (const text of [written, previewOf(FILE, addition, "f"), addition.what]) expect(text).not.toContain("s3cret-word");
  });

  it("gives a second database of a kind names that are free", () => {
    const once = added(FILE, (stack) => planAccessory({ preset: "postgres" }, stack, password));
    expect(() => planAccessory({ preset: "postgres" }, stackOf(once))).toThrow("choose another name: --name db2");
    const wanted = { preset: "postgres", name: "stats", variable: "STATS_URL" } as const;
    const { config, problems } = stackOf(added(once, (stack) => planAccessory(wanted, stack, password)));
    expect(problems).toEqual([]);
    expect(Object.keys(config.secrets)).toEqual(expect.arrayContaining(["POSTGRES_PASSWORD", "STATS_POSTGRES_PASSWORD"]));
  });

  it.each<[string, string, string]>([
    ["env of values alone", "  slipway:env: { LOG_LEVEL: info } # few\n", '{ LOG_LEVEL: info, DATABASE_URL: "postgres://'],
    [
      "env with secrets",
      "  slipway:env:\n    secret: [TOKEN] # t\n  slipway:secrets: { TOKEN: { secure: v1:a } }\n",
      "[TOKEN] # t\n    clear:\n      DATABASE_URL:",
    ],
  ])("adds the variable to %s", (_, env, expected) => {
    expect(added(FILE + env, (stack) => planAccessory({ preset: "postgres" }, stack, password))).toContain(expected);
  });

  it.each<[string, string, string]>([
    ["a variable that is there", "  slipway:env: { clear: { DATABASE_URL: x } }\n", "has a variable DATABASE_URL already"],
    ["a secret variable that is there", "  slipway:env: { secret: [DATABASE_URL] }\n", "has a variable DATABASE_URL already"],
    ["env that is encrypted as a whole", "  slipway:env: { secure: v1:a }\n", "encrypted as a whole"],
  ])("refuses %s", (_, env, message) => {
    expect(() => planAccessory({ preset: "postgres" }, stackOf(FILE + env), password)).toThrow(message);
  });

  it("backs it up into a bucket with the keys of the environment, or into a folder", () => {
    const env = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" };
    const { value, secrets } = backupOf("s3://acme-backups/shop/production?region=eu-central-1", stackOf(FILE), env);
    expect(value).toEqual({
      schedule: "17 3 * * *",
      to: {
        s3: {
          endpoint: "https://s3.eu-central-1.amazonaws.com",
          region: "eu-central-1",
          bucket: "acme-backups",
          prefix: "shop/production",
          access_key: ["S3_ACCESS_KEY"],
          secret_key: ["S3_SECRET_KEY"],
        },
      },
    });
    expect(secrets).toEqual([
      { name: "S3_ACCESS_KEY", value: "id" },
      { name: "S3_SECRET_KEY", value: "key" },
    ]);
    expect(() => backupOf("s3://acme", stackOf(FILE), {})).toThrow("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    expect(() => backupOf("ftp://acme", stackOf(FILE), {})).toThrow("no place for backups");
    const text = added(FILE, (stack) => planAccessory({ preset: "postgres", backup: "/var/backups/shop" }, stack, password));
    expect(stackOf(text).problems).toEqual([]);
  });
});

describe("slipway add worker, host and domain", () => {
  it("adds a role beside others, and to a list of hosts, whose comments stay", () => {
    const worker = (stack: StackText) => planWorker({ command: "bin/jobs --queues default" }, stack);
    expect(added(FILE, worker)).toBe(`${FILE}    worker:\n      hosts: ["web-1"]\n      cmd: "bin/jobs --queues default"\n`);
    expect(added(SHORT, worker)).toBe(
      SHORT.replace(
        "    # the first\n    - 203.0.113.10 # in Falkenstein\n    - 203.0.113.11\n",
        `    web:
      hosts:
        # the first
        - 203.0.113.10 # in Falkenstein
        - 203.0.113.11
    worker:
      hosts: ["203.0.113.10"]
      cmd: "bin/jobs --queues default"
`,
      ),
    );
    const flow = SHORT.replace(/ # all[\s\S]*\.11\n/, " [203.0.113.10] # one\n");
    expect(added(flow, worker)).toContain("slipway:servers:\n    web:\n      hosts: [203.0.113.10] # one\n    worker:\n");
  });

  it("refuses a command that would need a shell, with what to write", () => {
    expect(() => added(FILE, (stack) => planWorker({ command: "bin/a && bin/b" }, stack))).toThrow("slipway:servers.worker.cmd");
  });

  it("adds a host with its key, as the others are written", () => {
    const host = { address: "203.0.113.12", hostKey: KEY };
    expect(added(FILE, (stack) => planHost(host, stack))).toBe(
      `${FILE.replace("{ web-1: 203.0.113.10 }", '{ web-1: 203.0.113.10, web-2: "203.0.113.12" }')}  slipway:ssh:\n    host_keys:\n      web-2: "${KEY}"\n`,
    );
    expect(added(SHORT, (stack) => planHost(host, stack))).toContain(
      `- 203.0.113.11\n    - "203.0.113.12"\n  slipway:proxy:\n    host: shop.example.com\n  slipway:ssh:\n    host_keys:\n      "203.0.113.12": "${KEY}"\n`,
    );
    expect(added(FILE, (stack) => planHost({ ...host, user: "deploy", port: 2222 }, stack))).toContain(
      'web-2: {address: "203.0.113.12", port: 2222, user: "deploy"}',
    );
  });

  it.each<[string, (stack: StackText) => Addition, string]>([
    ["a host that is there", (stack) => planHost({ address: "203.0.113.10", hostKey: KEY }, stack), "is a host of web already"],
    ["an unknown role", (stack) => planHost({ address: "203.0.113.12", hostKey: KEY, role: "jobs" }, stack), "no role jobs"],
    ["an address that is none", (stack) => planHost({ address: "203.0.113.300", hostKey: KEY }, stack), "not an address"],
    ["a worker of that name", (stack) => planWorker({ command: "a", name: "web" }, stack), "there is a role web already"],
    ["a worker on an unknown host", (stack) => planWorker({ command: "a", host: "web-9" }, stack), "there is no host web-9"],
  ])("refuses %s", (_, plan, message) => {
    expect(() => added(FILE, plan)).toThrow(message);
  });

  it("gives the first host name a certificate, and adds further ones as they are written", () => {
    const domain = (stack: StackText) => planDomain({ name: "www.example.com" }, stack);
    expect(added(FILE, domain)).toBe(`${FILE}  slipway:proxy:\n    host: "www.example.com"\n    ssl: true\n`);
    expect(added(SHORT, domain)).toContain('host: "shop.example.com,www.example.com"\n');
    expect(added(SHORT.replace("host: shop.example.com", "hosts: [a.example.com]"), domain)).toContain(
      'hosts: [a.example.com, "www.example.com"]\n',
    );
    expect(planDomain({ name: "www.example.com" }, stackOf(FILE)).notes[0]).toContain("lead to 203.0.113.10");
  });
});

it("a diff shows what changes with two lines around it, and nothing else", () => {
  const before = Array.from({ length: 12 }, (_, at) => `line ${at}`).join("\n");
  const after = before.replace("line 2\n", "line 2\nnew\n").replace("line 10", "other");
  expect(diff(before, after).map(({ sign, text }) => sign + text)).toEqual([
    ...[" line 1", " line 2", "+new", " line 3", " line 4", " …"],
    ...[" line 8", " line 9", "-line 10", "+other", " line 11"],
  ]);
});
