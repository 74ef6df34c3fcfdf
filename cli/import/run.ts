import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { fileOf, type KamalConfig, readKamal, Unreadable } from "../../kamal/files/read.ts";
import { differencesOf } from "../../kamal/project/differences.ts";
import { type ImportedStack, projectName } from "../../kamal/project/files.ts";
import { sharedAccessories } from "../../kamal/project/shared.ts";
import type { Surroundings } from "../../kamal/source/surroundings.ts";
import { translate } from "../../kamal/translate/translate.ts";
import { nodeAt } from "../../kamal/yaml/tree.ts";
import { destinationsOf, surroundingsIn } from "../../project/kamal-surroundings.ts";
import { writeNew } from "../../project/new/write.ts";
import { refusedBySlipway } from "./check.ts";
import { projectFiles } from "./files.ts";
import { countsOf, type ImportReport, type StackReport } from "./report.ts";

/** What to import, and where to. */
export interface ImportRequest {
  /** The app's folder. */
  readonly folder: string;
  /** Kamal's file, from there. */
  readonly config: string;
  /** Only this one; else a stack for each. */
  readonly destination: string | undefined;
  /** The project's folder, from the app's. */
  readonly out: string;
}

/** One destination of Kamal, read. */
interface Read {
  readonly stack: ImportedStack;
  readonly config: KamalConfig;
}

/** Writes a project that declares what Kamal's files do. Overwrites no file, and contacts nothing. */
export function importKamal(request: ImportRequest): ImportReport {
  const { folder, out } = request;
  const around = surroundingsIn(folder);
  const toApp = relative(resolve(folder, out), folder) || ".";
  const read = stacksOf(request, around).map(({ name, destination }) => readStack(name, destination, toApp, request, around));
  const stacks = read.map(({ stack }) => stack);
  const files = projectFiles(stacks);
  refuseExisting(stacks, request);
  const kept = [...files.keys()].filter((file) => existsSync(resolve(folder, out, file)));
  const written = [...files].filter(([file]) => !kept.includes(file));
  for (const [file, text] of written) writeNew(resolve(folder, out, file), text);
  const copied = copy(stacks, request);
  return {
    service: projectName(stacks),
    folder: relative(folder, resolve(folder, out)) || ".",
    toApp,
    written: [...written.map(([file]) => file), ...copied],
    kept,
    stacks: read.map((one, at) => reportOn(one, read.slice(0, at), resolve(folder, out), request)),
  };
}

function readStack(
  name: string,
  destination: string | undefined,
  toApp: string,
  { config }: ImportRequest,
  around: Surroundings,
): Read {
  const kamal = readable(() => readKamal(config, destination, around));
  const from = destination === undefined ? [config] : [config, fileOf(config, destination)];
  return { config: kamal, stack: { name, from, translation: translate(kamal, around, toApp) } };
}

function reportOn(one: Read, before: readonly Read[], root: string, request: ImportRequest): StackReport {
  const { stack, config } = one;
  const { translation } = stack;
  const shared = sharedAccessories(ofStack(one), before.map(ofStack));
  const findings = [...translation.findings, ...shared, ...refusedBySlipway(stack, root)];
  return {
    stack: stack.name,
    destination: config.destination ?? null,
    from: stack.from.map((file) => relative(request.folder, resolve(request.folder, file))),
    counts: countsOf(findings),
    findings,
    secrets: translation.secrets,
    differences: differencesOf(config),
  };
}

const ofStack = ({ stack, config }: Read) => ({ name: stack.name, destination: config.destination, root: config.root });

/** The base is a stack of its own where Kamal deploys it without a destination. */
function stacksOf({ folder, config, destination }: ImportRequest, around: Surroundings) {
  if (destination !== undefined) return [{ name: destination, destination }];
  const destinations = destinationsOf(folder, config);
  const named = destinations.map((name) => ({ name, destination: name }));
  if (destinations.length > 0 && !isDeployable(config, around)) return named;
  return [{ name: destinations.includes("production") ? "default" : "production", destination: undefined }, ...named];
}

function isDeployable(config: string, around: Surroundings): boolean {
  const { root } = readable(() => readKamal(config, undefined, around));
  const required = nodeAt(root, ["require_destination"]);
  if (required?.kind === "scalar" && required.value === true) return false;
  const role = nodeAt(root, ["primary_role"]);
  const primary = role?.kind === "scalar" ? role.text : "web";
  const servers = nodeAt(root, ["servers"]);
  if (servers === undefined) return false;
  if (servers.kind === "list") return servers.items.length > 0;
  const listed = [nodeAt(servers, [primary]), nodeAt(servers, [primary, "hosts"])];
  return listed.some((node) => node?.kind === "list" && node.items.length > 0);
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new SlipwayError({
      code: "KAMAL_CONFIG_UNREADABLE",
      what: error.message,
      servesNow: NOTHING_TOUCHED,
      next: "run this in the folder of the app, where kamal deploy is run; --config names another file",
    });
  }
}

/** A stack's file may have been edited since. */
function refuseExisting(stacks: readonly ImportedStack[], { folder, out }: ImportRequest): void {
  const existing = stacks.map(({ name }) => join(out, `Pulumi.${name}.yaml`)).filter((file) => existsSync(resolve(folder, file)));
  if (existing.length === 0) return;
  throw new SlipwayError({
    code: "USAGE",
    what: `${existing.join(" and ")} ${existing.length === 1 ? "exists" : "exist"} already, and nothing was written`,
    servesNow: NOTHING_TOUCHED,
    next: "remove it to import again, or write into a different folder: slipway import --out FOLDER",
  });
}

/** Files of accessories, which a project has in its own folder. */
function copy(stacks: readonly ImportedStack[], { folder, out }: ImportRequest): string[] {
  const wanted = new Map(stacks.flatMap(({ translation }) => translation.copied.map(({ from, to }) => [to, from] as const)));
  return [...wanted].flatMap(([to, from]) => {
    const target = resolve(folder, out, to);
    if (existsSync(target)) return [];
    writeNew(target, readFileSync(resolve(folder, from)));
    return [to];
  });
}
