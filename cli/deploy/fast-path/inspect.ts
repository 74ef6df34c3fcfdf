import { Address, type Hosts } from "../../../hosts/index.ts";
import { hidesKeys } from "../../../project/config-values.ts";
import { declarationHash } from "../../../project/declaration-hash.ts";
import { findProject, type Project, stackFile } from "../../../project/project.ts";
import { accessTo, hostsAt } from "../../stack/access.ts";
import { type Checkpoint, isDynamic, parseCheckpoint, stackOf } from "../../stack/checkpoint.ts";
import { decide, type Findings } from "./decide.ts";
import { currentDigest, needsNoLogin } from "./digest.ts";
import { type Outcome, startEngine } from "./outcome.ts";

export interface Sources {
  readonly stack: string | undefined;
  readonly folder: string;
  /** What `pulumi stack export` prints. */
  readonly exported: Promise<string>;
  /** What `pulumi config --show-secrets --json` prints. It derives a key, which takes most of the time of the fast path. */
  readonly shown: Promise<string>;
  /** Stops that process if nothing in its output is needed. */
  readonly decrypting: AbortController;
  readonly signal: AbortSignal;
}

/** Reads the state, the files, the registry and the hosts, in parallel where nothing depends on it; see `tryFastPath`. */
export async function inspect({ stack: given, folder, exported, shown, decrypting, signal }: Sources): Promise<Outcome> {
  const project = await findProject(folder);
  if (given !== undefined && (await isFileEnough(project, given))) decrypting.abort();
  const checkpoint = parseCheckpoint(await exported);
  const stack = given ?? stackOf(checkpoint);
  const written = await stackFile(project, stack);
  if (written === undefined) return startEngine("the stack's file does not contain all of its config");

  return decide(checkpoint, declarationHash(project.root, stack), async (): Promise<Findings> => {
    const hosts = hostsAt(await accessTo(project, written, () => shown));
    signal.addEventListener("abort", () => void hosts.close(), { once: true });
    const connected = connect(checkpoint, hosts);
    const { findDrift } = await import("./drift.ts");
    const [digest, drift] = await Promise.all([currentDigest(written, shown), findDrift(checkpoint, hosts), connected]);
    return { digest, drift };
  });
}

/** Whether nothing in the config that the fast path needs is secret: neither a registry login nor an SSH key. */
async function isFileEnough(project: Project, stack: string): Promise<boolean> {
  const written = await stackFile(project, stack);
  return written !== undefined && needsNoLogin(written) && !hidesKeys(written);
}

/** Opens the connections while the code that uses them is loaded. Their first user gets the error of one that fails. */
async function connect({ resources }: Checkpoint, hosts: Hosts): Promise<void> {
  const addresses = resources.filter(isDynamic).flatMap(({ outputs }) => Address.safeParse(outputs.host).data ?? []);
  await Promise.allSettled(addresses.map((address) => hosts.at(address).connect()));
}
