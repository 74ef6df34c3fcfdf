import type { Command } from "commander";
import { asking, release } from "../lock/release.ts";

export const command = (): Command => asking("unlock", "end a freeze that slipway lock --for has set").action(release);
