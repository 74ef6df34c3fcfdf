#!/usr/bin/env node
/** `slipway`: what a person asks of a deployment between two runs of Pulumi. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import "./engine/lean.cjs";

// The same folder as the provider's processes use; NODE_COMPILE_CACHE, where it is set, has been heard already.
if (!process.env.NODE_COMPILE_CACHE)
  enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", "node-compile-cache"));

// Not before the cache is on.
const { run } = await import("./program.ts");
await run(process.argv.slice(2));
