import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { declareApp, declareImages } from "../../components/declare/release.ts";
import { type Config, parseConfig } from "../../config/index.ts";
import { plainScalars } from "../../project/plain-scalars.ts";
import { containerBody } from "../../providers/release/container.ts";
import { ReleaseInputs } from "../../providers/release/inputs.ts";
import { places } from "../../providers/release/places.ts";
import { HANDED, meant } from "../support/as-written.ts";
import { problemsOf } from "./config/fixture.ts";

const HOST = "203.0.113.10";
const DIGEST = `sha256:${"9f31".repeat(16)}`;

/** A stack's file and what Pulumi passes to the program for it. */
interface Stack {
  readonly file: string;
  readonly values: Readonly<Record<string, string>>;
  readonly sealed?: readonly string[];
}

/** Everything that the program does with a stack's file, up to the config. */
function configOf({ file, values, sealed = [] }: Stack): Config {
  const all = { service: "shop", image: "acme/shop:1", servers: `["${HOST}"]`, ...values };
  return parseConfig({
    values: Object.fromEntries(Object.entries(all).map(([key, text]) => [`slipway:${key}`, text])),
    secretKeys: new Set(sealed.map((key) => `slipway:${key}`)),
    stack: "production",
    file: "stacks/Pulumi.production.yaml",
    plain: plainScalars(file),
  });
}

/** The body that creates the container of the role web. */
function bodyOf(config: Config) {
  const app = declareApp(config);
  const images = declareImages(config, app.roles, { image: DIGEST, canary: undefined });
  const hosts = { [HOST]: { name: HOST, address: HOST, port: 22, user: "root" } };
  const inputs = ReleaseInputs.parse({ schema: 1, stack: "shop/production", ...app, ...images, hosts });
  const [place] = places(inputs);
  if (place === undefined) throw new Error("nothing runs");
  return containerBody(inputs, place);
}

const inEnv = (written: string, json: string): Stack => ({
  file: `config:\n  slipway:env:\n    A: ${written}\n`,
  values: { env: `{"A":${json}}` },
});

describe("a value of a stack's file reaches the container as it is written, or is refused", () => {
  it.each(HANDED)("env: %s, passed as %s", (written, json) => {
    const stack = inEnv(written, json);
    const [problem, ...more] = problemsOf(() => configOf(stack));
    if (problem === undefined) {
      expect(bodyOf(configOf(stack)).Env).toContain(`A=${meant(written)}`);
      return;
    }
    expect(more).toEqual([]);
    expect(problem).toMatch(/^slipway:env\.A (is .*write it in quotes|begins with a line break)/);
    expect(JSON.parse(json), "what arrived is what was meant, and yet refused").not.toBe(meant(written));
  });

  it.each(HANDED)("version: %s, passed as %s", (written, _json, text) => {
    const stack = { file: `config:\n  slipway:version: ${written}\n`, values: { version: text } };
    const problems = problemsOf(() => configOf(stack));
    if (problems.length === 0) expect(configOf(stack).version).toBe(meant(written));
    else if (text !== meant(written))
      expect(problems.join("\n")).toMatch(/^slipway:version (is .*write it in quotes|begins with a line break)/m);
    else expect(problems.join("\n")).toMatch(/is not a valid name of a release/);
  });

  it.each<[string, Stack, string]>([
    ["labels", { file: "labels: {a: 1.10}", values: { labels: '{"a":1.1}' } }, "labels.a"],
    [
      "labels of a role",
      { file: "servers: {web: {labels: {a: 0644}}}", values: { servers: `{"web":{"hosts":["${HOST}"],"labels":{"a":420}}}` } },
      "servers.web.labels.a",
    ],
    ["a tag's env", { file: "env: {tags: {eu: {A: 1_0}}}", values: { env: '{"tags":{"eu":{"A":10}}}' } }, "env.tags.eu.A"],
    ["logging", { file: "logging: {options: {a: 1.0}}", values: { logging: '{"options":{"a":1}}' } }, "logging.options.a"],
    [
      "sysctls",
      {
        file: "servers: {web: {options: {sysctls: {a: 1e3}}}}",
        values: { servers: `{"web":{"hosts":["${HOST}"],"options":{"sysctls":{"a":1000}}}}` },
      },
      "servers.web.options.sysctls.a",
    ],
    [
      "a user",
      {
        file: "servers: {web: {options: {user: 0644}}}",
        values: { servers: `{"web":{"hosts":["${HOST}"],"options":{"user":420}}}` },
      },
      "servers.web.options.user",
    ],
    [
      "a group",
      {
        file: "servers: {web: {options: {group_add: [audio, 060]}}}",
        values: { servers: `{"web":{"hosts":["${HOST}"],"options":{"group_add":["audio",48]}}}` },
      },
      "servers.web.options.group_add[1]",
    ],
    [
      "an accessory's env",
      {
        file: "accessories: {db: {env: {A: True}}}",
        values: { accessories: `{"db":{"image":"acme/db:1","host":"${HOST}","env":{"A":true}}}` },
      },
      "accessories.db.env.A",
    ],
    [
      "a port",
      {
        file: "accessories: {db: {port: 05432}}",
        values: { accessories: `{"db":{"image":"acme/db:1","host":"${HOST}","port":2842}}` },
      },
      "accessories.db.port",
    ],
    ["a time", { file: "deploy_timeout: 060", values: { deploy_timeout: "48" } }, "deploy_timeout"],
    ["an image", { file: "image: 1.10", values: { image: "1.1" } }, "image"],
    ["a service", { file: "service: 0012", values: { service: "10" } }, "service"],
    ["a destination", { file: "destination: 1_0", values: { destination: "10" } }, "destination"],
    [
      "the name of a role",
      {
        file: "servers: {web: [203.0.113.10], 010: [203.0.113.11]}",
        values: { servers: `{"web":["${HOST}"],"8":["203.0.113.11"]}` },
      },
      'servers["010"]',
    ],
    [
      "the name of a host",
      { file: "servers: {web: {hosts: {1.10: 203.0.113.10}}}", values: { servers: `{"web":{"hosts":{"1.1":"${HOST}"}}}` } },
      'servers.web.hosts["1.10"]',
    ],
    ["the name of a label", { file: "labels: {True: a}", values: { labels: '{"true":"a"}' } }, "labels.True"],
    [
      "what an anchor repeats",
      { file: "labels: &a {a: 1.10}\n  slipway:env: *a", values: { labels: '{"a":"x"}', env: '{"a":1.1}' } },
      "env.a",
    ],
    [
      "what a map merges",
      { file: "labels: &a {a: 1.10, b: 2.20}\n  slipway:env: {<<: *a, b: x}", values: { env: '{"a":1.1,"b":"x"}' } },
      "env.a",
    ],
  ])("%s", (_what, { file, values }, place) => {
    const [problem = "", ...more] = problemsOf(() => configOf({ file: `config:\n  slipway:${file}\n`, values }));
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^slipway:${place.replace(/[[\].]/g, "\\$&")} is .*in line [23], which YAML reads as `));
  });

  it("whatever text it is, in quotes", () => {
    // Null characters are refused, and references to accessories are replaced.
    const text = fc.string({ unit: "binary", maxLength: 60 }).filter((one) => !one.includes("\0") && !one.includes("${acc"));
    fc.assert(
      fc.property(text, text, (value, other) => {
        const file = `config:\n  slipway:env:\n    A: ${JSON.stringify(value)}\n`;
        const values = { env: JSON.stringify({ A: value, B: other }), labels: JSON.stringify({ a: value }) };
        if (/^\d{4}-\d\d-\d\d \d\d/.test(value) || /^\d{4}-\d\d-\d\d \d\d/.test(other)) return;
        const body = bodyOf(configOf({ file, values }));
        expect(body.Env).toEqual(expect.arrayContaining([`A=${value}`, `B=${other}`]));
        expect(body.Labels?.a).toBe(value);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['"\\na"', "|\n\n      a", "|-\n\n      a"])(
    "is refused with its line if Pulumi drops the line break that it begins with: %j",
    (written) => {
      const why =
        "begins with a line break in line 3, which Pulumi drops: store the value encrypted (pulumi config set --secret)";
      const json = written.startsWith("|\n") ? '"a\\n"' : '"a"';
      expect(problemsOf(() => configOf(inEnv(written, json)))).toEqual([`slipway:env.A ${why}`]);
      expect(problemsOf(() => configOf(inEnv('"\\n\\na"', '"\\n\\na"')))).toEqual([]);
    },
  );

  it("is not refused where the spelling of a number does not matter", () => {
    const file =
      "config:\n  slipway:deploy_timeout: 1e3\n  slipway:proxy: {app_port: 3_000}\n  slipway:servers: {web: {options: {cpus: 1.50}}}\n";
    const servers = `{"web":{"hosts":["${HOST}"],"options":{"cpus":1.5}}}`;
    expect(problemsOf(() => configOf({ file, values: { deploy_timeout: "1000", proxy: '{"app_port":3000}', servers } }))).toEqual(
      [],
    );
  });

  it("is not refused for what another file says", () => {
    expect(problemsOf(() => configOf({ ...inEnv("1.10", "1.1"), values: { env: '{"A":7}' } }))).toEqual([]);
    expect(problemsOf(() => configOf({ ...inEnv("1.10", "1.1"), file: "config: {}\n" }))).toEqual([]);
    expect(problemsOf(() => configOf({ ...inEnv("1.10", "1.1"), file: "not: [yaml" }))).toEqual([]);
  });

  it("is not shown below a key with a secret", () => {
    const [problem = ""] = problemsOf(() => configOf({ ...inEnv("0644", "420"), sealed: ["env"] }));
    expect(problem).toBe(
      "slipway:env.A is in line 3 without quotes, and YAML reads something else there: write it in quotes, or a number without the 0 in front",
    );
  });

  it("names the line, the value and what YAML makes of it", () => {
    expect(problemsOf(() => configOf(inEnv("1.10", "1.1")))).toEqual([
      "slipway:env.A is 1.10 in line 3, which YAML reads as 1.1: write it in quotes",
    ]);
  });

  it("ends with a file whose anchors repeat each other without end", () => {
    const loops = `config:\n  slipway:a: &a {<<: *a, b: 0644, c: *a}\n`;
    const bomb = Array.from({ length: 12 }, (_, at) => `  slipway:x${at + 1}: &x${at + 1} [${`*x${at}, `.repeat(9)}1.10]`);
    for (const file of [loops, `config:\n  slipway:x0: &x0 1.10\n${bomb.join("\n")}\n`]) {
      const start = performance.now();
      plainScalars(file);
      expect(performance.now() - start).toBeLessThan(5_000);
    }
  });
});
