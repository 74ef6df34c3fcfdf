import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { DOCKER_HUB } from "../core/image-reference.ts";
import type { Registry } from "../core/registry.ts";
import { parseJson } from "../core/text.ts";
import { isMap } from "../core/values.ts";

/** As Docker calls its Hub in its config. */
const HUB = "https://index.docker.io/v1/";

/**
 * The environment of a `docker` that is logged in to a registry: with all that the user has set for it, and that login beside his own. A
 * `docker login` would write to his config, and a password in arguments is seen by everyone on the machine.
 *
 * @param folder for the config, which has the password in it; does not exist yet
 */
export async function loggedIn(login: Registry, env: NodeJS.ProcessEnv, folder: string): Promise<NodeJS.ProcessEnv> {
  const own = env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), ".docker");
  const written = parseJson(await readFile(join(own, "config.json"), "utf8").catch(() => ""));
  await mkdir(folder, { mode: 0o700 });
  await writeFile(join(folder, "config.json"), JSON.stringify(withLogin(isMap(written) ? written : {}, login, own)), {
    mode: 0o600,
  });
  // Contexts say where engines are.
  if (existsSync(join(own, "contexts"))) await symlink(join(own, "contexts"), join(folder, "contexts"));
  return { ...env, DOCKER_CONFIG: folder, BUILDX_CONFIG: env.BUILDX_CONFIG ?? join(own, "buildx") };
}

/** A config of Docker with a login in it. Pure. @param own the folder that it is from */
export function withLogin(
  config: Readonly<Record<string, unknown>>,
  { server, username, password }: Registry,
  own: string,
): Record<string, unknown> {
  const key = server === DOCKER_HUB ? HUB : server;
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  const { auths, credHelpers, cliPluginsExtraDirs: more } = config;
  return {
    ...config,
    auths: { ...(isMap(auths) ? auths : {}), [key]: { auth } },
    // No helper for this one: it would be asked first.
    credHelpers: { ...(isMap(credHelpers) ? credHelpers : {}), [key]: "" },
    cliPluginsExtraDirs: [...(Array.isArray(more) ? more : []), join(own, "cli-plugins")],
  };
}
