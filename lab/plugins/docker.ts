/** The program behind `pulumi-resource-docker` of the lab. */
import { enableCompileCache } from "node:module";
import { versionOf } from "./version.ts";

enableCompileCache();
const [{ serve }, { docker }] = await Promise.all([import("./serve.ts"), import("./docker/plugin.ts")]);
serve(docker(versionOf("docker")));
