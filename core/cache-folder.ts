import { join } from "node:path";
import { homeFolder } from "./this-user.ts";

/** Slipway's cache on the operator's side, between runs and outside of any project: `~/.cache/slipway`. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_CACHE_HOME || join(homeFolder(env), ".cache"), "slipway");
