import { z } from "zod";
import { parseJson } from "./text.ts";
import type { Seconds } from "./words.ts";

/** When the user's own programs run, in the order of a run. */
export const MOMENTS = [
  "pre_connect",
  "docker_setup",
  "pre_proxy_reboot",
  "post_proxy_reboot",
  "pre_build",
  "pre_deploy",
  "pre_app_boot",
  "post_app_boot",
  "post_deploy",
  "on_failure",
] as const;
export type Moment = (typeof MOMENTS)[number];

/** What runs at one moment, where this run is started. */
export const Hook = z.object({
  run: z.union([
    /** Shell commands, run in order until one fails. */
    z.object({ commands: z.array(z.string()) }),
    /** A program, from the project's folder: `.kamal/hooks/pre-deploy`. */
    z.object({ file: z.string() }),
  ]),
  /** Whether what it prints is shown, or only the end of it when it fails. */
  output: z.enum(["verbose", "quiet"]),
  /** Seconds until it is ended with all that it has started. */
  timeout: z.number(),
});
export type Hook = z.infer<typeof Hook>;

export type Hooks = Readonly<Partial<Record<Moment, Hook>>>;

const TIMEOUT: Seconds = 3600;
/** A run that has failed must end. */
const TIMEOUT_OF_FAILURE: Seconds = 60;

/** @example fileOfMoment("pre_app_boot") // "pre-app-boot" */
export const fileOfMoment = (moment: Moment): string => moment.replaceAll("_", "-");

/** One value for all moments, or one for each. */
type Each<V> = V | { readonly [M in Moment]?: V | undefined };

/** The keys of a stack's config that say what runs when. */
export interface WrittenHooks {
  readonly hooks?: { readonly [M in Moment]?: string | readonly string[] | undefined } | undefined;
  readonly hooks_path?: string | undefined;
  readonly hooks_output?: Each<Hook["output"]> | undefined;
  readonly hooks_timeout?: Each<Seconds> | undefined;
}

/**
 * What runs at each moment. Commands have precedence over a file: config/ refuses both.
 *
 * @param isThere whether there is such a file, from the project's folder
 */
export function hooksOf(
  { hooks = {}, hooks_path: folder, hooks_output: output, hooks_timeout: timeout }: WrittenHooks,
  isThere: (file: string) => boolean,
): Hooks {
  const found = MOMENTS.flatMap((moment): [Moment, Hook][] => {
    const commands = [hooks[moment] ?? []].flat();
    const file = folder === undefined ? undefined : hookFile(folder, moment);
    const run = commands.length > 0 ? { commands } : file !== undefined && isThere(file) ? { file } : undefined;
    if (run === undefined) return [];
    const seconds = typeof timeout === "object" ? timeout[moment] : timeout;
    return [
      [
        moment,
        {
          run,
          output: (typeof output === "object" ? output[moment] : output) ?? "verbose",
          timeout: seconds ?? (moment === "on_failure" ? TIMEOUT_OF_FAILURE : TIMEOUT),
        },
      ],
    ];
  });
  return Object.fromEntries(found);
}

/** @example hookFile("../.kamal/hooks/", "pre_deploy") // "../.kamal/hooks/pre-deploy" */
export const hookFile = (folder: string, moment: Moment): string => `${folder.replace(/\/+$/, "")}/${fileOfMoment(moment)}`;

const each = <V extends z.ZodType>(value: V) => z.union([value, z.partialRecord(z.enum(MOMENTS), value)]).optional();

/** What is wrong is reported by config/, and ignored here. */
const Config = z.object({
  hooks: z
    .partialRecord(z.enum(MOMENTS), z.union([z.string(), z.array(z.string())]))
    .optional()
    .catch(undefined),
  hooks_path: z.string().optional().catch(undefined),
  hooks_output: each(Hook.shape.output).catch(undefined),
  hooks_timeout: each(z.number()).catch(undefined),
});

/** Those of a stack's config, whose objects are JSON. */
export function hooksIn(config: { get(key: string): string | undefined }, isThere: (file: string) => boolean): Hooks {
  const value = (key: keyof WrittenHooks) => {
    const text = config.get(`slipway:${key}`);
    return text === undefined || key === "hooks_path" ? text : (parseJson(text) ?? text);
  };
  const written = {
    hooks: value("hooks"),
    hooks_path: value("hooks_path"),
    hooks_output: value("hooks_output"),
    hooks_timeout: value("hooks_timeout"),
  };
  return hooksOf(Config.parse(written), isThere);
}
