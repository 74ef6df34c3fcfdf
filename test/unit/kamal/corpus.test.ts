import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { stackFile, valuesOf } from "../../../kamal/project/files.ts";
import { render } from "../../../kamal/ruby/template.ts";
import { parse as parseKamal } from "../../../kamal/yaml/document.ts";
import { leavesOf, nodeAt, type Path, pathText, plainOf } from "../../../kamal/yaml/tree.ts";
import { CONFIGS, importOf, surroundings } from "./corpus.ts";

const all = CONFIGS.map(([folder, destination]) => importOf(folder, destination));

/** How many places need a person, on a machine that has the files and variables of the app. Fewer is better; more is a regression. */
const NEEDS_YOU: Readonly<Record<string, number>> = {
  "01-cards": 0,
  "01-cards/staging": 1,
  "03-arena": 1,
  "03-arena/eu": 1,
  "03-arena/staging": 0,
  "05-circuits": 0,
  "07-astro-site": 0,
  "09-places": 3,
  "11-cable-demo": 0,
  "13-minecraft": 1,
  "15-mail-smtp": 0,
  "17-janus": 1,
  "19-conference": 1,
  "19-conference/production": 1,
  "21-lab": 0,
  "23-platform": 0,
  "25-template": 3,
  "27-rating": 0,
  "27-rating/staging": 2,
  "29-homelab": 4,
  "31-scholar": 0,
  "31-scholar/staging": 0,
  "33-chatbot": 0,
  "35-walls": 1,
  "35-walls/production": 1,
  "37-scout": 1,
  "39-calendar": 0,
  "41-discovery": 0,
  "43-radius": 1,
  "45-geo": 1,
  "47-rooms": 0,
  "49-feeds": 0,
  "51-chat": 0,
  "51-chat/production": 1,
  "53-ipfs": 0,
  "55-eventer": 0,
  "57-starter": 2,
  "57-starter/production": 2,
  "59-club": 0,
  "61-localized": 0,
  "63-media": 1,
  "65-reckon": 2,
  "67-classifier": 0,
  "69-base-project": 0,
  "71-speech": 0,
  "73-career": 3,
};

const isBelow = (path: Path, above: Path): boolean => above.every((key, at) => path[at] === key);

describe("the configs of the corpus", () => {
  it("need a person in as few places as known", () => {
    const counts = all.map(({ name, findings }) => [name, findings.filter(({ outcome }) => outcome === "needs you").length]);
    expect(Object.fromEntries(counts)).toEqual(NEEDS_YOU);
  });

  it("need at most two edits by hand, 9 of 10", () => {
    const few = Object.values(NEEDS_YOU).filter((count) => count <= 2).length;
    expect(few / Object.values(NEEDS_YOU).length).toBeGreaterThan(0.9);
  });

  it.each(all.map((one) => [one.name, one] as const))(
    "%s: every value of the merged config has become something",
    (_, { config, findings }) => {
      const lost = leavesOf(config.root).filter(
        ({ path }) => !findings.some((finding) => finding.path.length > 0 && isBelow(path, finding.path)),
      );
      expect(lost.map(({ path }) => pathText(path))).toEqual([]);
      expect(findings.filter(({ says }) => says === "has not been translated").map(({ path }) => pathText(path))).toEqual([]);
    },
  );

  it.each(all.map((one) => [one.name, one] as const))(
    "%s: every value of each file is in the merged config, or is said to be replaced",
    (_, one) => {
      const { config, around } = one;
      for (const file of new Set([config.file, ...one.stack.from])) {
        const { root } = parseKamal(render(around.readFile(file) ?? "", file, around), file);
        const gone = leavesOf(root).filter(({ path, node }) => {
          const merged = nodeAt(config.root, path);
          const isThere = merged !== undefined && merged.at.file === node.at.file && merged.at.line === node.at.line;
          return !isThere && !config.replaced.some((replaced) => pathText(replaced.path) === pathText(path));
        });
        expect(gone.map(({ path }) => pathText(path))).toEqual([]);
      }
    },
  );

  it.each(all.map((one) => [one.name, one] as const))("%s: what is taken has the same value in the stack", (_, one) => {
    for (const { outcome, path, to } of one.findings) {
      if (outcome !== "taken") continue;
      const source = nodeAt(one.config.root, path);
      const target = nodeAt(one.stack.translation.stack, to ?? []);
      expect([pathText(path), target && plainOf(target)]).toEqual([pathText(path), source && plainOf(source)]);
    }
  });

  it.each(all.map((one) => [one.name, one] as const))(
    "%s: the stack's file says what was translated, in any YAML",
    (_, { stack }) => {
      const values = Object.entries(valuesOf(stack.translation)).map(([key, value]) => [`slipway:${key}`, value]);
      for (const version of ["1.1", "1.2"] as const)
        expect(parse(stackFile(stack), { version })).toEqual({ config: Object.fromEntries(values) });
    },
  );

  it.each(all.map((one) => [one.name, one] as const))(
    "%s: what needs a person says in which line, and what to do",
    (_, { findings, around }) => {
      for (const { outcome, at, says } of findings) {
        if (outcome !== "needs you") continue;
        expect(says.length).toBeGreaterThan(10);
        expect((around.readFile(at.file) ?? "").split("\n").length).toBeGreaterThanOrEqual(at.line);
        expect(at.line).toBeGreaterThan(0);
      }
    },
  );

  it("give no secret away", () => {
    const one = importOf("49-feeds", undefined);
    expect(JSON.stringify(one.findings) + stackFile(one.stack)).not.toContain("f9:password");
    expect(surroundings("49-feeds").readFile("config/deploy.yml")).toContain("f9:password");
  });
});
