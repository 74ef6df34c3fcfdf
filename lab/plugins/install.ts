import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quote } from "../../hosts/ssh/quote.ts";
import { versionOf } from "./version.ts";

const NAMES = ["hcloud", "command", "docker"] as const;

/**
 * Installs the fake plugins where a Pulumi with this `PULUMI_HOME` looks for plugins, as if it had downloaded them, in the versions of
 * the npm packages that need them.
 *
 * @example await installPlugins(stack.env.PULUMI_HOME)
 */
export async function installPlugins(home: string): Promise<void> {
  for (const name of NAMES) {
    const folder = join(home, "plugins", `resource-${name}-v${versionOf(name)}`);
    await mkdir(folder, { recursive: true });
    const script = `#!/bin/sh\nexec ${quote([process.execPath, join(import.meta.dirname, `${name}.ts`)])} "$@"\n`;
    await writeFile(join(folder, `pulumi-resource-${name}`), script, { mode: 0o755 });
  }
}
