import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../../config/index.ts";
import { FILE, problems, problemsOf, read, refusal } from "../fixture.ts";
import { describeRefusals, web } from "../refusals.ts";

/** As `read`, with JSON as Pulumi writes it, which JavaScript may not be able to write. */
function handed(values: Readonly<Record<string, string>>, sealed: readonly string[] = ["secrets"]) {
  const all = { service: "shop", image: "acme/shop:1", servers: '["203.0.113.10"]', ...values };
  const named = Object.fromEntries(Object.entries(all).map(([key, text]) => [`slipway:${key}`, text]));
  const secretKeys = new Set(sealed.map((key) => `slipway:${key}`));
  return parseConfig({ values: named, secretKeys, stack: "production", file: FILE });
}

const refused = (values: Readonly<Record<string, string>>, sealed?: readonly string[]): string[] =>
  problemsOf(() => handed(values, sealed));

describe("numbers in a map of texts", () => {
  it.each(["0", "1", "-1", "1.5", "9007199254740991", "9007199254740993", "123456789012345678", "9223372036854775807"])(
    "%s keeps its digits",
    (digits) => {
      const { roles } = handed({ env: `{"A":${digits}}`, labels: `{"a":${digits}}`, logging: `{"options":{"a":${digits}}}` });
      expect(roles[0]?.env.clear).toEqual({ A: digits });
      expect(roles[0]?.labels).toEqual({ a: digits });
      expect(roles[0]?.logging.options).toMatchObject({ a: digits });
    },
  );

  it.each(["1e-08", "1.2345678901234568e+22", "18446744073709552000", "10000000000000000000", "-0", "-1e+30"])(
    "%s is not what was written, so it is refused",
    (number) => {
      expect(refused({ env: `{"A":${number}}` })).toEqual([
        "slipway:env.A is a number that YAML does not hold as it is written: write it in quotes",
      ]);
    },
  );

  it("keep their digits in options of a container", () => {
    const servers =
      '{"web":{"hosts":["203.0.113.10"],"options":{"sysctls":{"a.b":9007199254740993},"group_add":[9007199254740993]}}}';
    expect(handed({ servers }).roles[0]?.options).toMatchObject({
      sysctls: { "a.b": "9007199254740993" },
      groupAdd: ["9007199254740993"],
    });
  });
});

describe("a number that is too large where a number belongs", () => {
  it("is refused as such", () =>
    expect(refused({ proxy: '{"app_port":9007199254740993}' })).toEqual([
      "slipway:proxy.app_port should be a number, but is too large",
    ]));
  it("is no text for Docker's settings", () =>
    expect(refused({ docker: '{"settings":{"max-concurrent-downloads":9007199254740993}}' })).toHaveLength(1));
});

describe("a date without quotes, which Pulumi turns into a time", () => {
  const WHY = "is a date, which YAML reads as a time: write it in quotes";
  it.each([
    "2024-01-31 00:00:00 +0000 UTC",
    "2024-01-31 10:00:00 +0000 UTC",
    "2024-01-31 10:00:00.5 +0200 +0200",
    "2024-01-31 10:00:00 +0200 CEST",
  ])("is refused everywhere: %s", (time) => {
    expect(problems({ env: { A: time } })).toEqual([`slipway:env.A ${WHY}`]);
    expect(problems({ version: time })).toContain(`slipway:version ${WHY}`);
    expect(problems({ labels: { [time]: "x" } })).toContain(`slipway:labels[${JSON.stringify(time)}] ${WHY}`);
  });
  it("stays as it is in quotes", () =>
    expect(read({ env: { A: "2024-01-31" } }).roles[0]?.env.clear).toEqual({ A: "2024-01-31" }));
  it("may be a secret, which is not read as YAML", () => {
    const time = "2024-01-31 00:00:00 +0000 UTC";
    expect(read({ secrets: { A: time }, env: { secret: ["A"] } }).secrets).toEqual({ A: time });
  });
});

describeRefusals("what no container can have", [
  ["a null character", { env: { A: "a\0b" } }, "env.A contains a null character (\\0), which no container can have"],
  [
    "one in a name",
    { labels: { "a\0b": "c" } },
    'labels["a\\u0000b"] contains a null character (\\0), which no container can have',
  ],
  ["one in a volume", { volumes: ["/a:/b\0"] }, "volumes[0] contains a null character (\\0), which no container can have"],
  ["one in a command", web({ cmd: ["a\0"] }), "servers.web.cmd[0] contains a null character (\\0), which no container can have"],
  [
    "one in a secret",
    { secrets: { A: "a\0b" }, env: { secret: ["A"] } },
    "secrets.A contains a null character (\\0), which no container can have",
  ],
]);

describe("a null character in the name of a file", () => {
  it("is refused in a sentence", () => {
    const line = (place: string) => `slipway:${place} contains a null character (\\0), which no container can have`;
    expect(problems({ error_pages_path: "a\0b" })).toContain(line("error_pages_path"));
    const accessories = { db: { image: "acme/db:1", host: "203.0.113.10", files: ["a\0b:/n"] } };
    expect(problems({ accessories })).toContain(line("accessories.db.files[0]"));
  });
});

describe("the name of a file that no system takes", () => {
  const long = "x".repeat(300);
  it("is refused like one that is missing", () => {
    expect(problems({ error_pages_path: long })).toEqual([`slipway:error_pages_path the project has no folder "${long}"`]);
    const accessories = { db: { image: "acme/db:1", host: "203.0.113.10", files: [`${long}:/n`] } };
    expect(problems({ accessories })).toEqual([`slipway:accessories.db.files[0] the project has no file "${long}"`]);
  });
});

describe("a variable that Linux does not pass on", () => {
  const longest = "x".repeat(128 * 1024 - "AB=\0".length);
  const WHY = "is too long: Linux takes at most 128 KiB for a variable with its name";
  it("is refused at its place, and none that is one byte shorter", () => {
    expect(problems({ env: { AB: longest } })).toEqual([]);
    expect(problems({ env: { AB: `${longest}x` } })).toEqual([`slipway:env.AB ${WHY}`]);
    expect(problems({ env: { AB: longest.slice(1).replace("x", "é") } })).toEqual([]);
    expect(problems({ env: { AB: longest.replace("x", "é") } })).toEqual([`slipway:env.AB ${WHY}`]);
  });
  it("counts for secrets by their name in the container", () => {
    expect(problems({ secrets: { S: longest }, env: { secret: ["AB:S"] } })).toEqual([]);
    expect(problems({ secrets: { S: longest }, env: { secret: ["ABC:S"] } })).toEqual([`slipway:env.secret[0] ${WHY}`]);
  });
  it("counts after references are filled in", () => {
    const accessories = { db: { image: "acme/db:1", host: "203.0.113.10", env: { X: longest } } };
    expect(problems({ accessories, env: { AB: `\${accessories.db.env.X}` } })).toEqual([]);
    expect(problems({ accessories, env: { AB: `1\${accessories.db.env.X}` } })).toEqual([`slipway:env.AB ${WHY}`]);
  });
  it("is refused as an argument of a command, too", () => {
    expect(problems(web({ cmd: ["sh", "-c", "x".repeat(128 * 1024)] }))).toEqual([
      "slipway:servers.web.cmd has an argument that is too long: Linux takes at most 128 KiB",
    ]);
  });
});

describe("names that JavaScript has itself", () => {
  it.each(["constructor", "toString", "hasOwnProperty", "prototype"])("%s is a name like others", (name) => {
    expect(read({ env: { clear: { [name]: "a" } } }).roles[0]?.env.clear).toEqual({ [name]: "a" });
  });
  it.each([
    ["env", '{"__proto__":"a"}', "env"],
    ["env", '{"clear":{"__proto__":"a"}}', "env.clear"],
    ["labels", '{"__proto__":"a"}', "labels"],
    ["servers", '{"web":["203.0.113.10"],"__proto__":["203.0.113.11"]}', "servers"],
    ["accessories", '{"__proto__":{"image":"a","host":"203.0.113.10"}}', "accessories"],
    ["jobs", '{"__proto__":{"schedule":"@daily","cmd":"a"}}', "jobs"],
    ["docker", '{"settings":{"__proto__":1}}', "docker.settings"],
    ["secrets", '{"__proto__":"a"}', "secrets"],
  ])("__proto__ is refused in %s: %s", (key, json, place) => {
    expect(refused({ [key]: json })).toEqual([`slipway:${place}.__proto__ cannot be a name here: choose a different one`]);
  });
});

describe("odd input", () => {
  it.each([200, 5_000, 100_000])("nested %i deep is refused in a sentence", (depth) => {
    const json = `{"settings":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;
    expect(refused({ docker: json })[0]).toMatch(/^slipway:docker\S* is nested too deeply$/);
  });
  it("does not reach the terminal", () => {
    for (const odd of ["\u001b[31m", "a\nb", "\u009b", "\u202e", "\u2028"]) {
      const text = refusal({ [odd]: "x", labels: { [`${odd} `]: odd }, servers: [odd], env: { [odd]: "x" } });
      expect(text.replaceAll("\n", " ")).not.toContain(odd);
      expect(
        text.split("\n").every((line) => /^(stacks| {2})/.test(line)),
        text,
      ).toBe(true);
    }
  });
});

describeRefusals("texts without quotes", [
  [
    "a version says what may be lost",
    { docker: { version: 28.1 } },
    "docker.version should be text: write it in quotes, with all its digits: without them YAML reads 1.10 as 1.1",
  ],
  [
    "in a choice of shapes",
    { registry: { username: 83, password: ["P"] }, secrets: { P: "p" } },
    "registry.username should be text or a list: write text in quotes",
  ],
]);

describe("a mode of a file", () => {
  const mode = (value: unknown) =>
    problems({
      accessories: { db: { image: "acme/db:1", host: "203.0.113.10", directories: [{ local: "d", remote: "/d", mode: value }] } },
    });
  it("without quotes is refused with what YAML makes of it", () =>
    expect(mode(420)).toEqual([
      'slipway:accessories.db.directories[0].mode should be text: write it in quotes, "0644": without them YAML reads 0644 as 420',
    ]));
  it.each([
    ["420", "0644"],
    ["511", "0777"],
    ["416", "0640"],
  ])("%s in quotes is what YAML made of %s", (text, meant) =>
    expect(mode(text)).toEqual([
      `slipway:accessories.db.directories[0].mode "${text}" is what YAML reads for ${meant}: write "${meant}", or "0${text}" if you mean that`,
    ]),
  );
  it.each(["0644", "644", "0420", "1777", "700"])("%s is one", (text) => expect(mode(text)).toEqual([]));
});

describeRefusals("misspelt keys of an environment, which would be variables", [
  [
    "the plural",
    { env: { secrets: "DATABASE_URL" } },
    "env.secrets did you mean secret? A variable of this name belongs under clear",
  ],
  ["the singular", { env: { tag: "x" } }, "env.tag did you mean tags? A variable of this name belongs under clear"],
  ["a missing letter", { env: { clea: "x" } }, "env.clea did you mean clear? A variable of this name belongs under clear"],
  ["the wrong case", { env: { Clear: "x" } }, "env.Clear did you mean clear? A variable of this name belongs under clear"],
  [
    "of a role",
    web({ env: { secrets: "A" } }),
    "servers.web.env.secrets did you mean secret? A variable of this name belongs under clear",
  ],
]);
it("variables in capitals are not misspelt keys", () => {
  expect(problems({ env: { SECRET: "a", SECRETS: "b", TAG: "c", CLEAR: "d" } })).toEqual([]);
  expect(problems({ env: { clear: { secrets: "a", tag: "b" } } })).toEqual([]);
});
