import { z } from "zod";
import { orNearest } from "../../config/schema/unknown-key.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import { shortName } from "../../project/place.ts";
import { declaredConfig, type Project } from "../../project/project.ts";
import { exportStack, pulumi, showConfig } from "../../project/pulumi.ts";
import { observeFleet } from "../../providers/release/observe.ts";
import { accessTo, hostsAt } from "../stack/access.ts";
import { appsIn, ofApp } from "../stack/apps.ts";
import { type Checkpoint, parseCheckpoint } from "../stack/checkpoint.ts";
import { declarationIn } from "../stack/declaration.ts";
import type { Declared } from "../stack/release.ts";
import { StoredStack } from "../stack/stored-stack.ts";
import { type Difference, differencesFrom } from "./running.ts";

/** The state of the stack that is promoted. Throws for one that does not exist, and says which may be meant. */
export async function stateOf(stack: string, project: Project): Promise<Checkpoint> {
  const stored = await (await StoredStack.find(project, stack))?.state();
  if (stored !== undefined) return stored;
  try {
    return parseCheckpoint(await exportStack(stack, project.root));
  } catch (thrown) {
    const known = await stacksOf(project).catch(() => undefined);
    if (known === undefined || known.some((name) => name === stack || shortName(name) === shortName(stack))) throw thrown;
    throw unknown(stack, known, thrown);
  }
}

const Stacks = z.array(z.object({ name: z.string() }));

async function stacksOf({ root }: Project): Promise<string[]> {
  return Stacks.parse(parseJson(await pulumi(["stack", "ls", "--json"], root))).map(({ name }) => name);
}

/** What a stack released last. Throws if it is declared by the program: then so is the target's. */
export function releasedBy(checkpoint: Checkpoint, stack: string): Declared {
  const apps = appsIn(checkpoint);
  if (apps.length > 0) throw declaredByProgram(apps.map((app) => declarationIn(ofApp(checkpoint, app), stack).inputs));
  return declarationIn(checkpoint, stack).inputs;
}

/** Where the hosts of a stack run something else than its last release. @param shown as of `accessTo` */
export async function lookFor(
  inputs: Declared,
  stack: string,
  project: Project,
  shown: () => Promise<string> = () => showConfig(stack, project.root),
): Promise<Difference[]> {
  const hosts = hostsAt(await accessTo(project, await declaredConfig(project, stack), shown));
  return differencesFrom(inputs, await observeFleet(inputs, hosts).finally(() => hosts.close()));
}

/** Throws unless every host of the stack runs what it released last. */
export async function requireRunning(inputs: Declared, stack: string, project: Project): Promise<void> {
  const differences = await lookFor(inputs, stack, project);
  if (differences.length === 0) return;
  const hosts = [...new Set(differences.map(({ host }) => host))];
  const evidence = differences.map(({ host, text }) => `${host}: ${text}`);
  throw differences.every(({ isUnknown }) => isUnknown) ? silent(stack, hosts, evidence) : mixed(inputs, stack, hosts, evidence);
}

const silent = (stack: string, hosts: readonly string[], evidence: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "HOST_UNREACHABLE",
    what: `it is unknown what ${stack} runs on ${hosts.join(", ")}`,
    evidence,
    servesNow: NOTHING_TOUCHED,
    next: `reach them from here (slipway doctor --stack ${stack}), or take what the state of ${stack} records: --recorded`,
  });

const mixed = ({ release }: Declared, stack: string, hosts: readonly string[], evidence: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "RELEASE_MIXED",
    what: `${stack} released ${release} last, and does not run it on ${hosts.join(", ")}`,
    evidence,
    servesNow: NOTHING_TOUCHED,
    next: `wait for a deploy that is running, or run slipway deploy --stack ${stack}; then promote it`,
  });

const unknown = (stack: string, known: readonly string[], cause: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "UNKNOWN_NAME",
      what: `there is no stack ${stack} in this project`,
      evidence: [orNearest(stack, known)],
      servesNow: NOTHING_TOUCHED,
      next: "name the stack whose release is to be promoted: slipway promote STACK",
    },
    { cause },
  );

const declaredByProgram = (apps: readonly Declared[]): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "the apps are declared by the program, so their images are not in the stack's file",
    evidence: apps.map(({ service, image, version }) => `${service}: image: "${image}", version: "${version}"`),
    servesNow: NOTHING_TOUCHED,
    next: "set image and version of the app in the program, as above, and run slipway deploy",
  });
