import { expect, it } from "vitest";
import { hookProvider } from "../../../../providers/hook/provider.ts";

const INPUTS = hookProvider.inputs.parse({
  schema: 1,
  service: "shop",
  moment: "pre_deploy",
  __hook: { run: { commands: ["./check"] }, output: "verbose", timeout: 60 },
  version: "1.4.2",
  image: "ghcr.io/acme/shop@sha256:9f31",
  release: "1.4.2-ab12cd34",
  hosts: { "web-1": { name: "web-1", address: "203.0.113.10", port: 22, user: "root" } },
  roles: ["web"],
  secrets: { TOKEN: "s3cret-value" },
});
const { adopted: _adopted, ...STATE } = INPUTS;

it.each<[string, Partial<typeof INPUTS>, typeof STATE | undefined, boolean, string]>([
  ["runs for the first release", {}, undefined, true, "run hooks.pre_deploy for 1.4.2-ab12cd34"],
  ["does not run again", {}, STATE, false, "hooks.pre_deploy has run for 1.4.2-ab12cd34"],
  ["runs for another one", {}, { ...STATE, release: "1.4.1-00000000" }, true, "run hooks.pre_deploy for 1.4.2-ab12cd34"],
  [
    "does not run again because its text, hosts or secrets change",
    { __hook: { run: { file: "hooks/pre-deploy" }, output: "quiet", timeout: 5 }, hosts: {}, secrets: {} },
    STATE,
    false,
    "hooks.pre_deploy has run for 1.4.2-ab12cd34",
  ],
  [
    "takes over what an earlier version has run",
    { adopted: true },
    undefined,
    true,
    "hooks.pre_deploy has run for 1.4.2-ab12cd34",
  ],
])("%s", (_what, inputs, state, changes, text) =>
  expect(hookProvider.plan({ ...INPUTS, ...inputs }, state)).toEqual({ changes, text }),
);

it.each<[string, Record<string, unknown>, object | undefined]>([
  ["the same release", { create: "set -e\n./check\n", triggers: ["1.4.2-ab12cd34"] }, { adopted: true }],
  ["another release", { create: "set -e\n./check\n", triggers: ["1.4.1-00000000"] }, undefined],
  ["no command", {}, undefined],
])("recognizes what an earlier version has run: %s", (_what, olds, expected) =>
  expect(hookProvider.adopt?.(olds, INPUTS)).toEqual(expected),
);
