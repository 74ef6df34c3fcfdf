/** The program behind `pulumi-resource-hcloud` of the lab. */
import { enableCompileCache } from "node:module";
import { versionOf } from "./version.ts";

enableCompileCache();
const [{ serve }, { hcloud }] = await Promise.all([import("./serve.ts"), import("./hcloud/plugin.ts")]);
serve(hcloud(versionOf("hcloud")));
