import { z } from "zod";
import type { ReleaseCommand } from "../../core/release/command.ts";
import type { Seconds } from "../../core/words.ts";
import { splitCommand } from "../container/command.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";

const commands = z.union([z.string(), z.array(z.string()).min(1)]);

export const ReleaseCommandSection = z.union([
  ...commands.options,
  section({
    cmd: field(commands, {
      is: "A command, or a list of commands that are run one after the other.",
      refused: "missing",
      example: ["bin/migrate", "bin/warm-cache"],
    }),
    timeout: field(secondsFrom(1), { is: "Timeout of each command, in seconds.", default: 600, example: 1800 }),
  }),
]);
type ReleaseCommandInput = z.infer<typeof ReleaseCommandSection>;

const DEFAULT_TIMEOUT: Seconds = 600;

export function resolveReleaseCommand(input: ReleaseCommandInput | undefined, place: ConfigPath): ReleaseCommand | undefined {
  if (input === undefined) return undefined;
  const whole = typeof input === "object" && !Array.isArray(input);
  const { cmd, timeout = DEFAULT_TIMEOUT } = whole ? input : { cmd: input };
  const here = whole ? place.at("cmd") : place;
  if (cmd === undefined) here.refuse("is required");
  const texts = typeof cmd === "string" ? [[cmd, here] as const] : (cmd ?? []).map((text, at) => [text, here.at(at)] as const);
  return { commands: texts.map(([text, at]) => splitCommand(text, at)), timeout };
}
