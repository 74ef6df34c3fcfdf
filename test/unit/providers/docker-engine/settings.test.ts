import { describe, expect, it } from "vitest";
import { isOlder } from "../../../../core/version.ts";
import { differing, firstSettings, isReloadable, merged, parseSettings } from "../../../../providers/docker-engine/settings.ts";

describe("the settings of Docker", () => {
  const LOGS = { "log-driver": "json-file", "log-opts": { "max-size": "10m", "max-file": "5" } };

  it("are safe ones where we install it", () => expect(firstSettings({})).toEqual({ ...LOGS, "live-restore": true }));
  it("are the declared ones before ours", () => {
    expect(firstSettings({ "live-restore": false, "log-opts": { "max-size": "1g" }, bip: "172.30.0.1/16" })).toEqual({
      "log-driver": "json-file",
      "log-opts": { "max-size": "1g", "max-file": "5" },
      "live-restore": false,
      bip: "172.30.0.1/16",
    });
  });
  it("rotate no logs of a driver that does not know how", () => {
    expect(firstSettings({ "log-driver": "journald" })).toEqual({ "log-driver": "journald", "live-restore": true });
    expect(firstSettings({ "log-driver": "local" })).toMatchObject({ "log-driver": "local", "log-opts": { "max-file": "5" } });
  });
  it("keep what others wrote", () => {
    expect(merged({ dns: ["192.0.2.1"], "log-opts": { tag: "x" } }, { "log-opts": { "max-size": "10m" } })).toEqual({
      dns: ["192.0.2.1"],
      "log-opts": { tag: "x", "max-size": "10m" },
    });
  });
  it("differ by value, not by the order of keys", () => {
    expect(differing({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual({});
    expect(differing({ a: null }, {})).toEqual({ a: null });
    expect(differing({ a: ["x"] }, { a: ["x", "y"] })).toEqual({ a: ["x"] });
    expect(differing({ a: { x: 1 } }, { a: "text" })).toEqual({ a: { x: 1 } });
  });
  it("need a restart as soon as one of them does", () => {
    expect(isReloadable(["debug", "live-restore"])).toBe(true);
    expect(isReloadable(["debug", "bip"])).toBe(false);
    // A key of tomorrow, or a slip of the pen: Docker will say.
    expect(isReloadable(["unheard-of"])).toBe(false);
  });
  it("are a JSON object, or nothing yet", () => {
    expect(parseSettings(" \n")).toEqual({});
    expect(parseSettings('{"debug": true}')).toEqual({ debug: true });
    for (const text of ["[]", "null", "{debug: true}", '{"debug": true,}']) expect(parseSettings(text)).toBeUndefined();
  });
});

describe("a version", () => {
  it.each([
    ["26.1.5+dfsg1", "28", true],
    ["28.3.2", "28", false],
    ["28.3.2", "28.3", false],
    ["28.3.2", "28.3.3", true],
    ["28.10.0", "28.9", false],
    ["29.0.0-rc.1", "28.3.2", false],
    ["28", "28.0.1", true],
  ])("%s is older than %s: %s", (found, wanted, older) => expect(isOlder(found, wanted)).toBe(older));
});
