import { describe, expect, it } from "vitest";
import { type Change, changesTo, describeChanges, misread } from "../../../../cli/reconfigure/changes.ts";
import { inConfig } from "../../../../cli/reconfigure/config-file.ts";
import { edit } from "../../../../cli/reconfigure/yaml-edit.ts";
import { before, find, previous, type Released } from "../../../../cli/stack/release-history.ts";
import { type Update, updateOf } from "../../../../cli/stack/update-history.ts";
import { configHash } from "../../../../core/config-hash.ts";
import type { StackValues } from "../../../../project/config-values.ts";

/** Releases in the order in which they were released; given newest first, as the list is. */
const released = (...names: readonly string[]): Released[] =>
  names
    .map((name, minute) => ({
      release: `${name}-ab12cd34`,
      version: name,
      image: `shop@sha256:${name}`,
      at: `2026-03-01T12:0${minute}:00.500Z`,
    }))
    .toReversed();

describe("the release that a rollback goes to by itself", () => {
  it.each([
    ["the one before", ["a", "b"], "a"],
    ["the one before those that were rolled back", ["a", "b", "c", "b"], "a"],
    ["the release before one that followed a rollback", ["a", "b", "a", "c"], "a"],
    ["none where the first was rolled back to", ["a", "b", "a"], undefined],
    ["none where there is only one", ["a"], undefined],
    ["nothing without releases", [], undefined],
  ])("is %s", (_what, names, expected) => {
    expect(before(released(...names))?.version).toBe(expected);
  });

  it("is found by number, id or version, the newest of a name first", () => {
    const list = released("a", "b", "a");
    expect(find(list, "1").at).toContain("12:02");
    expect(find(list, "2").version).toBe("b");
    expect(find(list, "b-ab12cd34").version).toBe("b");
    expect(find(list, "a").at).toContain("12:02");
    expect(() => find(list, "4")).toThrow("unknown release: 4\n  | 1  a-ab12cd34  2026-03-01T12:02:00.500Z");
  });
});

describe("a rollback after a rollback to the first release", () => {
  it("lists the releases that it can go to, and how", () => {
    expect(() => previous(released("a", "b", "a"))).toThrow(`there is no release before a-ab12cd34
  | 1  a-ab12cd34  2026-03-01T12:02:00.500Z
  | 2  b-ab12cd34  2026-03-01T12:01:00.500Z
  | 3  a-ab12cd34  2026-03-01T12:00:00.500Z
  serves now: what served before; nothing was changed
  next: choose one of these, as in: slipway rollback --to 2 (b-ab12cd34)`);
    expect(() => previous(released("a"))).toThrow("next: deploy a fixed version: slipway deploy");
    expect(() => previous([])).toThrow("no release is recorded");
    expect(previous(released("a", "b")).version).toBe("a");
  });
});

describe("the run that a release was part of", () => {
  const run = (kind: string, start: string, end: string, config: StackValues = {}): Update => ({
    kind,
    result: "succeeded",
    startTime: new Date(`2026-03-01T${start}Z`),
    endTime: new Date(`2026-03-01T${end}Z`),
    config,
  });
  const at = (time: string, config?: string) => ({ at: `2026-03-01T${time}Z`, config });

  it("is the one with its config, whatever the clocks of the two machines say", () => {
    const [red, blue] = ["red", "blue"].map((color) => ({ "slipway:env": { value: `{"COLOR":"${color}"}`, secret: false } }));
    const first = run("update", "12:00:00", "12:00:04", red);
    const second = run("update", "12:00:05", "12:00:09", blue);
    const hash = configHash({ "slipway:env": { text: '{ "COLOR": "red" }', secret: false } });
    // The operator's clock is 5 s ahead of the backend's.
    expect(updateOf(at("12:00:07", hash), [second, first])).toBe(first);
    expect(updateOf(at("12:00:07", "of another config"), [second, first])).toBeUndefined();
  });

  it("is the nearest in time of those that differ in their secrets alone", () => {
    const withToken = (token: string) => ({ "slipway:secrets": { value: `{"TOKEN":"${token}"}`, secret: true } });
    const runs = [run("update", "13:00:00", "13:00:09", withToken("b")), run("update", "12:00:00", "12:00:04", withToken("a"))];
    const hash = configHash({ "slipway:secrets": { text: '{"TOKEN":"any"}', secret: true } });
    expect(updateOf(at("12:00:08", hash), runs)).toBe(runs[1]);
    expect(updateOf(at("13:00:12", hash), runs)).toBe(runs[0]);
    expect(hash).not.toBe(configHash({ "slipway:secrets": { text: '{"TOKEN":"any","NEW":"n"}', secret: true } }));
  });

  it("is the update around that moment, whose end is known in whole seconds, if its config is unknown", () => {
    const early = run("update", "12:00:00", "12:00:04");
    const late = run("update", "12:00:04", "12:00:09");
    const refresh = run("refresh", "12:00:00", "12:00:09");
    expect(updateOf(at("12:00:04.900"), [late, early])).toBe(early);
    expect(updateOf(at("12:00:06.100"), [late, early])).toBe(late);
    expect(updateOf(at("12:00:06.100"), [refresh])).toBeUndefined();
    expect(updateOf(at("13:00:00.000"), [late, early])).toBeUndefined();
  });
});

describe("the config of an earlier release", () => {
  const object = (value: object, secret = false) => ({ value: JSON.stringify(value), objectValue: value, secret });
  const text = (value: string) => ({ value, secret: false });

  const sign = (changes: readonly Change[]) => describeChanges(changes);

  it("is reached by the smallest changes, secret ones as secrets, values nowhere in words", () => {
    const earlier: StackValues = {
      "slipway:image": text("shop:1@sha256:aa"),
      "slipway:env": object({ clear: { COLOR: "red", OLD: "1" }, secret: ["TOKEN"] }),
      "slipway:secrets": object({ TOKEN: "first", SAME: "same" }, true),
    };
    const now: StackValues = {
      "slipway:image": text("shop:2"),
      "slipway:env": object({ clear: { COLOR: "blue" }, secret: ["TOKEN"] }),
      "slipway:secrets": object({ TOKEN: "second", SAME: "same", NEW: "n" }, true),
      "slipway:maintenance": object({ message: "soon" }),
    };
    const written = { "slipway:secrets": { TOKEN: { secure: "x" }, SAME: { secure: "x" }, NEW: { secure: "x" } } };
    const changes = changesTo(earlier, now, written);
    expect(sign(changes)).toBe(
      "~slipway:env.clear.COLOR, +slipway:env.clear.OLD, ~slipway:image, -slipway:maintenance, secret -slipway:secrets.NEW, secret ~slipway:secrets.TOKEN",
    );
    expect(changes.find(({ path }) => path.at(-1) === "TOKEN")).toMatchObject({ to: "first", secret: true });
  });

  it("never writes a part of an earlier secret in the clear", () => {
    const earlier = { "slipway:env": object({ clear: { A: "a", N: 1 }, secret: ["B"] }, true) };
    const now = { "slipway:env": text("none") };
    const changes = changesTo(earlier, now, { "slipway:env": "none" });
    expect(sign(changes)).toBe("-slipway:env, secret +slipway:env.clear.A, +slipway:env.clear.N, secret +slipway:env.secret");
  });

  it("is what Pulumi has to read from the file", () => {
    const wanted = { "slipway:env": object({ A: "0644" }), "slipway:service": text("shop") };
    expect(misread(wanted, { "slipway:env": object({ A: "0644" }), "slipway:service": text("shop") })).toEqual([]);
    expect(misread(wanted, { "slipway:env": object({ A: 420 }), "slipway:image": text("a") })).toEqual([
      ...["slipway:env", "slipway:image", "slipway:service"],
    ]);
  });

  it("leaves alone the databases beside the app, and those that came since", () => {
    const earlier = { "slipway:accessories": object({ db: { image: "postgres:16.3" } }) };
    const now = { "slipway:accessories": object({ db: { image: "postgres:16.4" }, cache: { image: "redis:8" } }) };
    expect(changesTo(earlier, now, {})).toEqual([]);
  });

  it("leaves alone how hosts and registry are reached, and what is not ours", () => {
    const earlier = {
      "slipway:ssh": text("old"),
      "slipway:registry": text("old"),
      "slipway:notify": text("old"),
      "hcloud:token": text("old"),
    };
    const now = {
      "slipway:ssh": text("new"),
      "slipway:registry": text("new"),
      "slipway:notify": text("new"),
      "hcloud:token": text("new"),
    };
    expect(changesTo(earlier, now, {})).toEqual([]);
  });

  it("keeps a text as a secret unless it is written in the clear today", () => {
    const earlier = { "slipway:env": object({ clear: { A: "1", B: "2", C: "3" } }, true) };
    const now = { "slipway:env": object({ clear: { A: "x", B: "y" } }, true) };
    const written = { "slipway:env": { clear: { A: "x", B: { secure: "y" } } } };
    expect(sign(changesTo(earlier, now, written))).toBe(
      "~slipway:env.clear.A, secret ~slipway:env.clear.B, secret +slipway:env.clear.C",
    );
  });

  it("writes numbers as numbers, and a version that looks like one as text", () => {
    const earlier = { "slipway:version": text("1.10"), "slipway:drain_timeout": text("45") };
    const changes = changesTo(earlier, {}, {});
    expect(edit("config: {}\n", changes.map(inConfig))).toBe('config: {slipway:drain_timeout: 45, slipway:version: "1.10"}\n');
  });

  it("is written into the file with its comments, and nothing else is touched", () => {
    const file = [
      "# ours",
      "encryptionsalt: v1:abc",
      "config:",
      "  slipway:service: shop # the name",
      "  slipway:image: shop:2",
      "",
      "  # how many",
      "  slipway:env:",
      "    clear:",
      '      COLOR: "blue"',
      "    secret: [TOKEN]",
      "  slipway:maintenance:",
      "    message: soon",
      "",
    ].join("\n");
    const changes: Change[] = [
      { path: ["slipway:image"], to: "shop:1@sha256:aa", secret: false, sign: "~" },
      { path: ["slipway:env", "clear", "COLOR"], to: "red", secret: false, sign: "~" },
      { path: ["slipway:maintenance"], secret: false, sign: "-" },
    ];
    const edited = edit(file, changes.map(inConfig));
    expect(edited).toBe(
      file
        .replace("shop:2", '"shop:1@sha256:aa"')
        .replace('"blue"', '"red"')
        .replace("  slipway:maintenance:\n    message: soon\n", ""),
    );
  });
});
