import { freezeIn } from "../../core/despite-freeze.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { COMMAND_VARIABLE } from "./command-variable.ts";

/** What the journal of a host gets of a run, and whether the run obeys freezes. */
export interface Recording {
  /** `slipway deploy` */
  readonly command: string;
  /** `accessory db`, `remove accessory db` */
  readonly what: string;
  readonly freeze: "obey" | "pass";
  /** A text without the secrets of this run. */
  readonly hide: (text: string) => string;
}

interface Origin {
  readonly urn: string;
  readonly act: "converge" | "withdraw";
  readonly hide: Recording["hide"];
  readonly env?: NodeJS.ProcessEnv;
}

export const recordingOf = ({ urn, act, hide, env = process.env }: Origin): Recording => ({
  command: env[COMMAND_VARIABLE] || "pulumi",
  what: `${act === "withdraw" ? "remove " : ""}${thingIn(urn)}`,
  freeze: freezeIn(env),
  hide,
});

/** @example thingIn("urn:pulumi:production::shop::slipway:Deployment$pulumi-nodejs:dynamic/slipway:DockerEngine::web-1") // "docker engine web-1" */
export function thingIn(urn: string): string {
  const [, noun = "resource", name = ""] = /slipway:(\w+)::(.+)$/.exec(urn) ?? [];
  return `${noun.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase()} ${name}`.trim();
}

/** How it ended, for the journal. */
export const failureFor = (thrown: unknown, hide: Recording["hide"]): string => {
  const [line = ""] = messageOf(thrown).split("\n");
  return thrown instanceof SlipwayError ? `failed: ${hide(line)} (${thrown.story.code})` : `failed: ${hide(line)}`;
};
