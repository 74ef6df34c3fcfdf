import { spawnSync } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { operator, stackIn } from "../../../hosts/operator.ts";

it("names the user, the machine and the stack", () => {
  const env = { USER: "someone" };
  expect(operator(undefined, env)).toBe(`${userInfo().username}@${hostname()}`);
  expect(operator("shop/production", env)).toBe(`${userInfo().username}@${hostname()} (shop/production)`);
  expect(stackIn("urn:pulumi:production::shop::pulumi-nodejs:dynamic/slipway:Release::shop")).toBe("shop/production");
  expect(stackIn("")).toBe("");
});

it("names who has started a CI job, and the job, where its user and its machine are the same for everyone", () => {
  const job = { GITHUB_ACTIONS: "true", GITHUB_ACTOR: "octocat", GITHUB_RUN_ID: "8812" };
  expect(operator("shop/production", job)).toBe("octocat@github-actions#8812 (shop/production)");
  expect(operator(undefined, { GITLAB_CI: "true", GITLAB_USER_LOGIN: "ann" })).toBe("ann@gitlab-ci");
  expect(operator(undefined, { GITLAB_CI: "true" })).toBe(`${userInfo().username}@${hostname()}`);
});

it("names a user without an entry in passwd", () => {
  const file = join(import.meta.dirname, "../../../hosts/operator.ts");
  // In a user namespace of its own any user may have any id.
  const asNumber = (env: NodeJS.ProcessEnv) =>
    spawnSync(
      "unshare",
      [
        "--user",
        "--map-user=12345",
        process.execPath,
        "-e",
        `import(${JSON.stringify(file)}).then((m) => console.log(m.operator()))`,
      ],
      { env: { PATH: process.env.PATH, HOME: "/", ...env }, encoding: "utf8" },
    ).stdout.trim();
  expect(asNumber({})).toBe(`uid 12345@${hostname()}`);
  expect(asNumber({ USER: "runner" })).toBe(`runner@${hostname()}`);
});
