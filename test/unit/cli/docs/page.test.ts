import { describe, expect, it } from "vitest";
import { documented, listed, textOf } from "../../../../cli/docs/page.ts";
import { ROOT_KEYS } from "../../../../config/root.ts";
import { SlipwayError } from "../../../../core/error.ts";

const pathOf = (written: string): string => {
  const page = documented(written);
  return page.kind === "key" ? page.key.path : page.kind;
};

const refusalOf = (written: string): readonly string[] => {
  try {
    documented(written);
  } catch (thrown) {
    if (thrown instanceof SlipwayError) return thrown.story.evidence ?? [];
  }
  throw new Error(`${written} was taken`);
};

describe("slipway docs", () => {
  it.each([
    ["service", "service"],
    ["slipway:proxy.app_port", "proxy.app_port"],
    ["servers.jobs.stop_timeout", "servers.<role>.stop_timeout"],
    ["servers.web.hosts[0].tags", "servers.<role>.hosts.<host>.tags"],
    ["accessories.db.files[1].mode", "accessories.<accessory>.files[].mode"],
    ["accessories.db.files.mode", "accessories.<accessory>.files[].mode"],
    ["servers.web.proxy.app_port", "proxy.app_port"],
    ["accessories.db.options.memory", "servers.<role>.options.memory"],
    ["LEASE_LOST", "error"],
  ])("finds %s", (written, path) => {
    expect(pathOf(written)).toBe(path);
  });

  it.each([
    ["helthcheck", "did you mean proxy.healthcheck?"],
    ["proxy.app_prot", "did you mean proxy.app_port?"],
    ["stop_timout", "did you mean stop_timeout?"],
    ["app_port", "did you mean proxy.app_port?"],
  ])("names what %s may mean", (written, meant) => {
    expect(refusalOf(written)).toContain(meant);
  });

  it("lists every root key without one", () => {
    const list = listed();
    expect(list.kind === "list" && list.keys.map(({ path }) => path)).toEqual(ROOT_KEYS);
  });

  it("says what it is, what it takes, its default and how it is written in a file", () => {
    expect(textOf(documented("servers.web.stop_timeout"))).toContain(
      "Takes whole number. Default: slipway:stop_timeout.\n\n    slipway:servers:\n      <role>:\n        stop_timeout: 60\n",
    );
    expect(textOf(documented("proxy.healthcheck"))).toMatch(/^ {2}path {6}Path of the check$/m);
    expect(textOf(documented("service"))).toContain("Required.");
  });
});
