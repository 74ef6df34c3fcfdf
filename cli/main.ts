#!/usr/bin/env node
/** The `slipway` command line. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheFolder } from "../core/cache-folder.ts";
import "./engine/lean.cjs";

// The same folder as the provider's processes use. Node has already applied NODE_COMPILE_CACHE, if it is set.
if (!process.env.NODE_COMPILE_CACHE) enableCompileCache(join(cacheFolder(), "node-compile-cache"));

// Only now, when the cache is on.
const { run } = await import("./program.ts");
await run(process.argv.slice(2));
