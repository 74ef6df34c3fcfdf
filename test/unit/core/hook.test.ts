import { expect, it } from "vitest";
import { fileOfMoment, hooksIn, hooksOf, MOMENTS } from "../../../core/hook.ts";

const FILES = new Set([".kamal/hooks/pre-deploy", ".kamal/hooks/on-failure", ".kamal/hooks/pre-deploy.sample"]);
const isThere = (file: string) => FILES.has(file);

it("has all moments of Kamal under its names", () => {
  const kamals =
    "docker-setup pre-connect pre-build pre-deploy pre-app-boot post-app-boot post-deploy pre-proxy-reboot post-proxy-reboot";
  expect(MOMENTS.map(fileOfMoment)).toEqual(expect.arrayContaining(kamals.split(" ")));
});

it.each<[string, Parameters<typeof hooksOf>[0], object]>([
  ["nothing", {}, {}],
  ["a command", { hooks: { pre_deploy: "a" } }, { pre_deploy: { run: { commands: ["a"] }, output: "verbose", timeout: 3600 } }],
  [
    "files, one with the limit of a run that has failed",
    { hooks_path: ".kamal/hooks/" },
    {
      pre_deploy: { run: { file: ".kamal/hooks/pre-deploy" }, output: "verbose", timeout: 3600 },
      on_failure: { run: { file: ".kamal/hooks/on-failure" }, output: "verbose", timeout: 60 },
    },
  ],
  [
    "one value for all",
    { hooks: { pre_deploy: "a", on_failure: "b" }, hooks_output: "quiet", hooks_timeout: 5 },
    {
      pre_deploy: { run: { commands: ["a"] }, output: "quiet", timeout: 5 },
      on_failure: { run: { commands: ["b"] }, output: "quiet", timeout: 5 },
    },
  ],
  [
    "one for each",
    { hooks: { pre_build: ["a", "b"] }, hooks_output: { pre_build: "quiet" }, hooks_timeout: { pre_deploy: 5 } },
    { pre_build: { run: { commands: ["a", "b"] }, output: "quiet", timeout: 3600 } },
  ],
])("%s", (_what, written, expected) => expect(hooksOf(written, isThere)).toEqual(expected));

it("reads a stack's config, and leaves out what is wrong in it", () => {
  const config: Record<string, string> = {
    "slipway:hooks": '{"pre_connect":"vpn"}',
    "slipway:hooks_path": ".kamal/hooks",
    "slipway:hooks_output": "quiet",
    "slipway:hooks_timeout": '{"pre_connect":"soon"}',
  };
  expect(hooksIn({ get: (key) => config[key] }, isThere)).toEqual({
    pre_connect: { run: { commands: ["vpn"] }, output: "quiet", timeout: 3600 },
    pre_deploy: { run: { file: ".kamal/hooks/pre-deploy" }, output: "quiet", timeout: 3600 },
    on_failure: { run: { file: ".kamal/hooks/on-failure" }, output: "quiet", timeout: 60 },
  });
});
