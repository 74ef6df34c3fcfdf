import fc from "fast-check";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { refusedBySlipway } from "../../../../cli/import/check.ts";
import { readKamal } from "../../../../kamal/files/read.ts";
import { stackFile, valuesOf } from "../../../../kamal/project/files.ts";
import { ROOT } from "../../../../kamal/translate/root.ts";
import type { Rules } from "../../../../kamal/translate/rule.ts";
import { translate } from "../../../../kamal/translate/translate.ts";
import { leavesOf, nodeAt, type Path, pathText, plainOf } from "../../../../kamal/yaml/tree.ts";
import { aProject } from "../../config/fixture.ts";

/** Values of every kind in every place, in the right one and in others. */
const scalar = fc.oneof(
  fc.constantFrom(
    "x",
    "203.0.113.10",
    "db",
    "5432:5432",
    "127.0.0.1:1:1",
    "a:/b",
    "data:/d:ro",
    "NAME",
    "NAME:OTHER",
    "10s",
    "shop-db",
  ),
  fc.constantFrom(
    "${X}",
    "$HOME && x",
    "redis://:p@h",
    "1.10",
    "on",
    "a\nb",
    "",
    "__proto__",
    "constructor",
    "localhost:5555",
    "/x",
    "ssh://a@b",
  ),
  fc.constantFrom("A=b", "DB_PASSWORD=x", "max-size=10m", "traefik.enable=true", "kamal", "host", "monitoring", "linux/amd64"),
  fc.constantFrom("shop-db:db", "./x:/y", "data:/d:ro,z", "curl -f http://localhost:3000/up || exit 1", "folder:/etc/folder"),
  fc.constantFrom(0, 1, 80, 3000, 1.5, true, false, null),
);
const odd = fc.constantFrom(
  "constructor",
  "__proto__",
  "toString",
  "x-y",
  "<<",
  "DB_PASSWORD",
  "discovery.type",
  "traefik.http.routers.a.rule",
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(odd, fc.constantFrom("a", "local", "remote")), tie("value"), { maxKeys: 3 }),
  ),
}));

/** A section with some of its keys, each mostly as it should be. */
function sectionOf(rules: Rules<never>): fc.Arbitrary<unknown> {
  const names = Object.keys(rules);
  const [named] = names.filter((name) => name.startsWith("<"));
  const below = (name: string): fc.Arbitrary<unknown> => {
    const inner = rules[name]?.below;
    return inner === undefined
      ? anything
      : fc.oneof({ weight: 4, arbitrary: sectionOf(inner) }, { weight: 1, arbitrary: anything });
  };
  if (named !== undefined && names.length === 1)
    return fc.dictionary(fc.constantFrom("web", "worker", "db", "a"), below(named), { maxKeys: 2 });
  const keys = names.filter((name) => !/[<.]/.test(name));
  return fc
    .subarray(keys, { maxLength: Math.min(6, keys.length) })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, below(name)]))));
}

const around = {
  env: {},
  readFile: (path: string) => (["x", "folder/a", "folder/b/c"].includes(path) ? "1" : undefined),
  filesIn: (path: string) => (path === "folder" ? ["a", "b/c"] : undefined),
  git: () => "3f1c9e0",
};
/** A number with a point is a text where texts are wanted, with the same digits. */
const withTexts = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, one: unknown) => (typeof one === "number" && !Number.isInteger(one) ? String(one) : one));

const isBelow = (path: Path, above: Path): boolean => above.every((key, at) => path[at] === key);

it("accounts for every value of any config, takes none that differs in the stack, and never fails", () => {
  using project = aProject({ "Pulumi.yaml": "name: shop\n" });
  fc.assert(
    fc.property(
      sectionOf(ROOT),
      fc.constantFrom(undefined, "staging"),
      fc.constantFrom("..", ".", "apps/shop"),
      fc.constantFrom("written once" as const, "read for each run" as const),
      (made, destination, toApp, mode) => {
        const text = stringify({ service: "shop", ...(made as object) });
        const files: Readonly<Record<string, string>> = { "config/deploy.yml": text, "config/deploy.staging.yml": "{}" };
        const machine = {
          ...around,
          readFile: (path: string) => new Map(Object.entries(files)).get(path) ?? around.readFile(path),
        };
        const config = readKamal("config/deploy.yml", destination, machine);
        const translation = translate(config, machine, toApp, mode);
        const { findings, stack } = translation;

        const lost = leavesOf(config.root).filter(
          ({ path }) => path.length > 0 && !findings.some((one) => one.path.length > 0 && isBelow(path, one.path)),
        );
        expect(lost.map(({ path }) => pathText(path))).toEqual([]);
        expect(findings.filter(({ says }) => says === "has not been translated").map(({ path }) => pathText(path))).toEqual([]);
        for (const { outcome, path, to } of findings) {
          if (outcome !== "taken") continue;
          const [source, target] = [nodeAt(config.root, path), nodeAt(stack, to ?? [])];
          expect([pathText(path), target && withTexts(plainOf(target))]).toEqual([
            pathText(path),
            source && withTexts(plainOf(source)),
          ]);
        }
        const imported = { name: "production", from: [config.file], translation };
        const values = Object.entries(valuesOf(translation)).map(([key, value]) => [`slipway:${key}`, value]);
        expect(parse(stackFile(imported), { version: "1.2" })).toEqual({ config: Object.fromEntries(values) });
        for (const { at, says } of refusedBySlipway(imported, project.root))
          expect([at.line > 0, says.length > 0]).toEqual([true, true]);
      },
    ),
    { numRuns: 200 },
  );
});
