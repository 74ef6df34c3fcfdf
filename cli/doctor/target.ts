import type { Config } from "../../config/index.ts";
import type { Seconds } from "../../core/words.ts";
import type { Access } from "../../hosts/index.ts";
import { declaredConfig } from "../../project/project.ts";
import type { AskedSource } from "../../secrets/index.ts";
import { accessTo } from "../stack/access.ts";
import { readDeclared } from "../stack/declared-config.ts";

/** The limit for all checks of one host, whatever `slipway:ssh.connect_timeout` is. */
export const TIMEOUT: Seconds = 10;
const DOCKER_TIMEOUT: Seconds = 7;

/** What is checked: a stack's config, and how this operator reaches its hosts. No state is needed. */
export interface DoctorTarget {
  readonly stack: string;
  /** The file of the config, relative to the project: `stacks/Pulumi.production.yaml`. */
  readonly file: string;
  readonly config: Config;
  /** Where values of secrets come from, besides the config. */
  readonly sources: readonly AskedSource[];
  /** The project's folder. */
  readonly root: string;
  readonly access: Access;
  /** Whether Pulumi can create servers at Hetzner. */
  readonly hasHetznerToken: boolean;
}

/** Throws all problems of the config at once. */
export async function readTarget(given: string | undefined, folder = process.cwd()): Promise<DoctorTarget> {
  const { config, sources, project, selected, stack, file, shown, values } = await readDeclared(given, folder);
  const access = await accessTo(project, await declaredConfig(project, selected), async () => shown);
  const hasHetznerToken = Boolean(values["hcloud:token"]?.value || process.env.HCLOUD_TOKEN);
  const target = { stack, file, config, sources, root: project.root, hasHetznerToken };
  const { connectTimeout, dockerTimeout } = access;
  const limits = {
    connectTimeout: Math.min(connectTimeout, TIMEOUT),
    // Before the limit of all checks, so that Docker's silence has a name.
    dockerTimeout: Math.min(dockerTimeout, DOCKER_TIMEOUT),
  };
  return { ...target, access: { ...access, ...limits } };
}
