import { relative } from "node:path";
import { readStack } from "../../components/declare/stack.ts";
import type { Config } from "../../config/index.ts";
import type { Seconds } from "../../core/words.ts";
import type { Access } from "../../hosts/index.ts";
import { parseValues, rawOf } from "../../project/config-values.ts";
import { shortName } from "../../project/place.ts";
import { readPlainScalars } from "../../project/plain-scalars.ts";
import { declaredConfig, findProject, stackFilePath } from "../../project/project.ts";
import { selectedStack, showConfig } from "../../project/pulumi.ts";
import type { AskedSource } from "../../secrets/index.ts";
import { accessTo } from "../stack/access.ts";
import { askingIn } from "../stack/secrets.ts";

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

/** Reads the config as a run of the program would. Throws all its problems at once, missing secrets included. */
export async function readTarget(given: string | undefined, folder = process.cwd()): Promise<DoctorTarget> {
  const project = await findProject(folder);
  const [shown, selected] = await Promise.all([showConfig(given, project.root), given ?? selectedStack(project.root)]);
  // Without organization and project, as the program's `getStack()` returns it.
  const stack = shortName(selected);
  const file = relative(project.root, stackFilePath(project, stack));
  const values = parseValues(shown);
  const raw = { ...rawOf(values), stack, file, root: project.root, plain: readPlainScalars(project.root, stack) };
  const { config, sources } = await readStack(raw, () => askingIn(project.root));
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
