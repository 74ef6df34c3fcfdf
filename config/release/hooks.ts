import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { fileOfMoment, Hook, type Hooks, hookFile, hooksOf, MOMENTS, type Moment } from "../../core/hook.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";

export type { Hooks } from "../../core/hook.ts";

const commands = z.union([z.string().min(1), z.array(z.string().min(1))]);
const otherwise = "nothing";

export const HooksSection = section({
  pre_connect: field(commands, {
    is: "Run before the first SSH connection of a run, that of a preview too: what opens the way to the servers, such as a VPN.",
    otherwise,
    example: "./bin/vpn up",
  }),
  docker_setup: field(commands, {
    is: "Run for each server that is new to the stack, when its Docker is ready.",
    otherwise,
    example: './bin/register "$SLIPWAY_HOSTS"',
  }),
  pre_proxy_reboot: field(commands, {
    is: "Run before the proxy of a server is replaced; a failure leaves it as it is.",
    otherwise,
    example: './bin/balancer remove "$KAMAL_HOSTS"',
  }),
  post_proxy_reboot: field(commands, {
    is: "Run after the proxy of a server was replaced.",
    otherwise,
    example: './bin/balancer add "$KAMAL_HOSTS"',
  }),
  pre_build: field(commands, {
    is: "Run before an image is built, once in a run.",
    otherwise,
    refused: "with builder.with: @pulumi/docker",
    example: "./bin/check-ci",
  }),
  pre_deploy: field(commands, {
    is: "Run before a release changes anything, once for each release; a failure stops the release.",
    otherwise,
    example: "./bin/check-migrations",
  }),
  pre_app_boot: field(commands, {
    is: "Run before the containers of each wave start (boot.limit); a failure takes the release back.",
    otherwise,
    example: './bin/announce "$SLIPWAY_VERSION starts on $SLIPWAY_HOSTS"',
  }),
  post_app_boot: field(commands, {
    is: "Run after each wave serves; a failure takes the release back.",
    otherwise,
    example: './bin/smoke-test "$KAMAL_HOSTS"',
  }),
  post_deploy: field(commands, {
    is: "Run after a release serves on all hosts, once for each release.",
    otherwise,
    example: ['./bin/announce "$SLIPWAY_VERSION serves"'],
  }),
  on_failure: field(commands, {
    is: "Run after a release or a server has failed to reach the declared state; SLIPWAY_ERROR has the error, its first 32 KiB. They get no variables PULUMI_* and HCLOUD_TOKEN of the run. Their own failure has no effect.",
    otherwise,
    example: "./bin/page-on-call",
  }),
});
type HooksInput = z.infer<typeof HooksSection>;

/** One value for all moments, or one for each. */
function each<V extends z.ZodType>(value: V, is: string, example: z.infer<V>) {
  const own = Object.fromEntries(MOMENTS.map((moment) => [moment, field(value, { is, example })])) as {
    [M in Moment]: z.ZodOptional<V>;
  };
  return z.union([value, section(own)]);
}

export const HooksOutput = each(Hook.shape.output, "For this hook.", "quiet");
export const HooksTimeout = each(secondsFrom(1), "For this hook.", 600);

/** What the keys beside `hooks` say. */
interface Beside {
  readonly path: string | undefined;
  readonly output: z.infer<typeof HooksOutput> | undefined;
  readonly timeout: z.infer<typeof HooksTimeout> | undefined;
  /** The project's folder. */
  readonly root: string;
  /** What builds images, where the config names it. */
  readonly builders: readonly string[];
}

/** @param at of the config */
export function resolveHooks(input: HooksInput = {}, { path, output, timeout, root, builders }: Beside, at: ConfigPath): Hooks {
  if (path !== undefined) refuseFiles(path, root, at.at("hooks_path"));
  const isThere = (file: string) => isFile(resolve(root, file));
  if (path !== undefined)
    for (const moment of MOMENTS) {
      const file = hookFile(path, moment);
      if (input[moment] === undefined || !isThere(file)) continue;
      at.at("hooks", moment).refuse(`is the file ${quoted(file)} of hooks_path as well: keep one of them`);
    }
  const hooks = hooksOf({ hooks: input, hooks_path: path, hooks_output: output, hooks_timeout: timeout }, isThere);
  if (hooks.pre_build !== undefined && builders.includes("@pulumi/docker"))
    at.at(...("file" in hooks.pre_build.run ? ["hooks_path"] : ["hooks", "pre_build"])).refuse(
      "pre_build is not run for builder.with: @pulumi/docker, which builds by itself: remove one of them",
    );
  return hooks;
}

/** Names that look like a hook's, and that no moment has. */
const NAMED_NOW: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    MOMENTS.filter((moment) => moment !== fileOfMoment(moment)).map((moment) => [moment, fileOfMoment(moment)]),
  ),
  "pre-traefik-reboot": "pre-proxy-reboot",
  "post-traefik-reboot": "post-proxy-reboot",
};

function refuseFiles(path: string, root: string, place: ConfigPath): void {
  const folder = resolve(root, path);
  const names = namesIn(folder);
  if (names === undefined) return void place.refuse(`there is no folder ${quoted(path)}`);
  for (const name of names) {
    const meant = NAMED_NOW[name];
    if (meant !== undefined) place.refuse(`${quoted(name)} in it is never run: rename it to ${meant}`);
  }
  for (const moment of MOMENTS) {
    const file = hookFile(path, moment);
    if (isFile(resolve(root, file)) && !isExecutable(resolve(root, file)))
      place.refuse(`${quoted(file)} is not executable: chmod +x ${file}`);
  }
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder).sort();
  } catch {
    return undefined;
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
