import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import type { Hosts } from "../hosts/index.ts";
import { type Checkpoint, type Kept, parseCheckpoint, releaseIn, stackOf } from "./checkpoint.ts";
import { findProject, type Project, stackFile } from "./project.ts";
import { pulumi } from "./pulumi.ts";
import { hostsOf } from "./reach.ts";

/** A stack with its hosts, for commands that look into its past. */
export interface OpenedStack extends AsyncDisposable {
  readonly project: Project;
  /** Its whole name. */
  readonly stack: string;
  /** How `pulumi` is told of it. */
  readonly which: readonly string[];
  readonly checkpoint: Checkpoint;
  /** The release that it declared last. */
  readonly release: Kept;
  readonly hosts: Hosts;
  /** What `pulumi config --show-secrets --json` prints; asked when it is wanted first. */
  shown(): Promise<string>;
}

export async function openStack(given: string | undefined, folder = process.cwd()): Promise<OpenedStack> {
  const which = given === undefined ? [] : ["--stack", given];
  const [project, json] = await Promise.all([findProject(folder), pulumi(["stack", "export", ...which], folder)]);
  const checkpoint = parseCheckpoint(json);
  const stack = given ?? stackOf(checkpoint);
  const release = releaseIn(checkpoint);
  if (release === undefined) throw nothingReleased(stack);
  let asked: Promise<string> | undefined;
  const shown = () => {
    asked ??= pulumi(["config", "--show-secrets", "--json", ...which], folder);
    return asked;
  };
  const hosts = await hostsOf(project, await stackFile(project, stack), shown);
  return { project, stack, which, checkpoint, release, hosts, shown, [Symbol.asyncDispose]: () => hosts.close() };
}

const nothingReleased = (stack: string): SlipwayError =>
  new SlipwayError({
    what: `the stack ${stack} has released nothing yet`.replace("  ", " "),
    servesNow: NOTHING_TOUCHED,
    next: "slipway deploy, or name another stack with --stack",
  });
