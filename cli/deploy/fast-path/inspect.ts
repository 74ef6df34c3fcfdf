import { Address, type Hosts } from "../../../hosts/index.ts";
import { hidesKeys } from "../../../project/config-values.ts";
import { type DeclarationHash, declarationHash } from "../../../project/declaration-hash.ts";
import { declaredConfig, findProject, type Project } from "../../../project/project.ts";
import { accessTo, hostsAt } from "../../stack/access.ts";
import type { Asked } from "../../stack/asked.ts";
import { buildsIn, type Checkpoint, isDynamic, parseCheckpoint, stackOf } from "../../stack/checkpoint.ts";
import { mayHaveSources } from "../../stack/secrets.ts";
import { StoredStack } from "../../stack/stored-stack.ts";
import { decide, type Questions, rotatedSince } from "./decide.ts";
import { askForImages, needsNoLogin, noteOnPinned } from "./digest.ts";
import { type FromFiles, noteReleased } from "./files.ts";
import { type Answer, startEngine } from "./outcome.ts";
import { secretsNow } from "./secrets.ts";

export interface Sources {
  /** As given on the command line. */
  readonly stack: string | undefined;
  /** The same, or the name of the selected stack; `undefined` if only Pulumi knows it. */
  readonly name: string | undefined;
  readonly folder: string;
  readonly files: FromFiles;
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

/** Reads the state, the files, the registry and the hosts, in parallel where nothing depends on it; see `tryFastPath`. */
export async function inspect({ stack: given, name, folder, files, asked, signal }: Sources): Promise<Answer> {
  const project = await findProject(folder);
  const hasSources = name !== undefined && (await mayHaveSources(project.root, name));
  if (name !== undefined && !hasSources && (await isFileEnough(project, name))) asked.dropShown();
  // The stores are asked while the state is read.
  const early = hasSources ? expected(secretsNow(project, name, () => asked.shown())) : undefined;
  const stored = name === undefined ? undefined : await StoredStack.find(project, name);
  const checkpoint = (await stored?.state()) ?? parseCheckpoint(await asked.exported());
  const stack = given ?? stackOf(checkpoint);
  const written = await declaredConfig(project, stack);
  if (written === undefined) return { outcome: startEngine("the stack's file does not contain all of its config") };

  const { declared: seen } = files;
  const declaration: DeclarationHash =
    seen?.stack === stack ? { kind: "known", hash: seen.hash } : declarationHash(project.root, stack);
  const declared = declaration.kind === "known" ? { stack, hash: declaration.hash } : undefined;
  const outcome = await decide(checkpoint, declaration, async (): Promise<Questions> => {
    const secrets =
      early ??
      ((await mayHaveSources(project.root, stack)) ? expected(secretsNow(project, stack, () => asked.shown())) : undefined);
    const rotated = Promise.resolve(secrets).then((now) => now?.unasked ?? rotatedSince(checkpoint, now?.fingerprint));
    rotated.catch(() => {});
    const hosts = hostsAt(await accessTo(project, written, () => asked.shown()));
    signal.addEventListener("abort", () => void hosts.close(), { once: true });
    const connected = connect(checkpoint, hosts);
    const { driftsOf } = await import("./drift.ts");
    const drift = driftsOf(checkpoint, hosts);
    const builds = buildsIn(checkpoint);
    const images = askForImages({
      written,
      stack,
      root: project.root,
      shown: () => asked.shown(),
      stored: async () => (await secrets)?.stored,
    });
    if (builds.length === 0) return { images, drift: [rotated, ...drift, connected] };
    const { changedBuild } = await import("./changed-build.ts");
    const changed = changedBuild(builds, project.root);
    return { images, drift: [rotated, changed, ...drift, connected] };
  });
  if (outcome.kind === "nothing to do") await noteReleased(given, folder, stack, declared);
  return { outcome, declared, note: noteOnPinned(written) };
}

/** Whether nothing in the config that the fast path needs is secret: neither a registry login nor an SSH key. */
async function isFileEnough(project: Project, stack: string): Promise<boolean> {
  const written = await declaredConfig(project, stack);
  return written !== undefined && needsNoLogin(written) && !hidesKeys(written);
}

/** Its failure is that of the fast path, if it comes to that. */
function expected<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => {});
  return answer;
}

/** Opens the connections while the code that uses them is loaded. Their first user gets the error of one that fails. */
async function connect({ resources }: Checkpoint, hosts: Hosts): Promise<undefined> {
  const addresses = resources.filter(isDynamic).flatMap(({ outputs }) => Address.safeParse(outputs.host).data ?? []);
  await Promise.allSettled(addresses.map((address) => hosts.at(address).connect()));
}
