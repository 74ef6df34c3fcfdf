import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pulumiHome } from "../../../cli/stack/pulumi-home.ts";
import { accountHome, homeFolder } from "../../../core/this-user.ts";
import { parseAccess } from "../../../hosts/ssh/access.ts";

it("is HOME, and what passwd says where HOME is empty or unset", () => {
  expect(homeFolder({ HOME: "/github/home" })).toBe("/github/home");
  expect(homeFolder({ HOME: "" })).toBe(userInfo().homedir);
  expect(homeFolder({})).toBe(userInfo().homedir);
  expect(parseAccess(undefined, { HOME: "" }).knownHosts[0]).toBe(join(userInfo().homedir, ".ssh/known_hosts"));
});

it("is that of the account for Pulumi, whatever HOME says", () => {
  const account = () => ({ homedir: "/root" });
  expect(accountHome({ HOME: "/github/home" }, account)).toBe("/root");
  const unknown = () => {
    throw new Error("no such user");
  };
  expect(accountHome({ HOME: "/github/home" }, unknown)).toBe("/github/home");
  expect(pulumiHome({ HOME: "/github/home" }, "/root")).toBe("/root/.pulumi");
  expect(pulumiHome({ HOME: "/github/home", PULUMI_HOME: "/cache/pulumi" }, "/root")).toBe("/cache/pulumi");
});

it("starts the command line with an empty HOME", () => {
  const cli = join(import.meta.dirname, "../../../cli/main.ts");
  const env = { PATH: process.env.PATH, HOME: "", XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };
  expect(execFileSync(process.execPath, [cli, "--help"], { env, encoding: "utf8" })).toContain("slipway");
});
