import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { aProject, problems, read } from "../fixture.ts";

const SCRIPT = "#!/bin/sh\n";

it("takes commands and files beside each other", () => {
  using project = aProject({ "hooks/pre-deploy": SCRIPT, "hooks/pre-build.sample": SCRIPT, "hooks/helper.sh": SCRIPT });
  const { root } = project;
  chmodSync(join(root, "hooks/pre-deploy"), 0o755);
  const written = { hooks: { post_deploy: "a" }, hooks_path: "hooks", hooks_timeout: { pre_deploy: 9 }, hooks_output: "quiet" };
  expect(read(written, { root }).hooks).toEqual({
    pre_deploy: { run: { file: "hooks/pre-deploy" }, output: "quiet", timeout: 9 },
    post_deploy: { run: { commands: ["a"] }, output: "quiet", timeout: 3600 },
  });
});

it.each<[string, Record<string, string>, Record<string, unknown>, string[]]>([
  ["a folder that is missing", {}, {}, ['slipway:hooks_path there is no folder "hooks"']],
  [
    "a file that no one can run",
    { "hooks/post-deploy": SCRIPT },
    {},
    ['slipway:hooks_path "hooks/post-deploy" is not executable: chmod +x hooks/post-deploy'],
  ],
  [
    "a moment with both",
    { "hooks/pre-deploy*": SCRIPT },
    { hooks: { pre_deploy: "a" } },
    ['slipway:hooks.pre_deploy is the file "hooks/pre-deploy" of hooks_path as well: keep one of them'],
  ],
  [
    "names that are none",
    { "hooks/pre_deploy*": SCRIPT, "hooks/pre-traefik-reboot*": SCRIPT },
    {},
    [
      'slipway:hooks_path "pre-traefik-reboot" in it is never run: rename it to pre-proxy-reboot',
      'slipway:hooks_path "pre_deploy" in it is never run: rename it to pre-deploy',
    ],
  ],
  [
    "a build that is not ours",
    { "hooks/pre-build*": SCRIPT, Dockerfile: "FROM scratch\n" },
    { image: "ghcr.io/acme/shop", builder: { with: "@pulumi/docker", arch: "amd64" } },
    ["slipway:hooks_path pre_build is not run for builder.with: @pulumi/docker, which builds by itself: remove one of them"],
  ],
])("refuses %s", (_what, files, changes, expected) => {
  using project = aProject(Object.fromEntries(Object.entries(files).map(([name, text]) => [name.replace("*", ""), text])));
  const { root } = project;
  for (const name of Object.keys(files)) if (name.endsWith("*")) chmodSync(join(root, name.slice(0, -1)), 0o755);
  expect(problems({ hooks_path: "hooks", ...changes }, { root })).toEqual(expected);
});

it.each<[Record<string, unknown>, RegExp]>([
  [{ hooks_output: "loud" }, /^slipway:hooks_output .*verbose.*quiet/],
  [{ hooks_output: { "pre-deploy": "quiet" } }, /^slipway:hooks_output\S* unknown key; did you mean pre_deploy\?$/],
  [{ hooks_timeout: 0 }, /^slipway:hooks_timeout /],
  [{ hooks: { "pre-connect": "a" } }, /^slipway:hooks\S* unknown key; did you mean pre_connect\?$/],
])("refuses %j", (changes, expected) => expect(problems(changes)).toEqual([expect.stringMatching(expected)]));
