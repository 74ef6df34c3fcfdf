/** The program behind `pulumi-resource-command` of the lab. */
import { enableCompileCache } from "node:module";
import { versionOf } from "./version.ts";

enableCompileCache();
const [{ serve }, { command }] = await Promise.all([import("./serve.ts"), import("./command/plugin.ts")]);
serve(command(versionOf("command")));
