import { join, relative } from "node:path";
import { parseConfig } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseReference } from "../../core/image-reference.ts";
import { ReleaseInputs } from "../../providers/release/inputs.ts";
import { exitCodeOf } from "../deploy/exit-code.ts";
import { runEngine } from "../engine/engine.ts";
import { parseCheckpoint, releaseIn } from "../stack/checkpoint.ts";
import { parseValues, rawOf, type StackValues } from "../stack/config-values.ts";
import { type OpenedStack, openStack } from "../stack/open-stack.ts";
import { stackFile } from "../stack/project.ts";
import { exportStack } from "../stack/pulumi.ts";
import { before, find, listReleases, type Released } from "../stack/release-history.ts";
import { configOf, didLastFail } from "../stack/update-history.ts";
import { ask } from "../terminal/ask.ts";
import { notice } from "../terminal/failure.ts";
import { type Change, changesTo, describeChanges, STAY } from "./changes.ts";
import { ConfigFile } from "./config-file.ts";
import { requireImage } from "./image.ts";

export interface RollbackOptions {
  readonly stack: string | undefined;
  readonly to: string | undefined;
  readonly agreed: boolean;
}

const DECLINED = 1;

/** Restores the config of an earlier release, shows the plan and releases it. Returns the exit code. */
export async function rollBack(options: RollbackOptions, folder = process.cwd()): Promise<number> {
  await using opened = await openStack(options.stack, folder);
  const target = await choose(options, opened, folder);
  const { file, changes } = await prepare(target, opened, folder);
  await opened.hosts.close();
  console.info(`rollback to ${target.release}, released ${target.at}`);
  console.info(changes.length === 0 ? "  config: no change" : `  config: ${describeChanges(changes)}`);
  let released = false;
  // Ctrl-C must not skip the end of this, where the file is restored.
  const stay = () => {};
  process.on("SIGINT", stay);
  try {
    await file.write(changes, options.stack, folder);
    const plan = await runEngine("preview", { stack: options.stack, folder });
    if (!plan.well) return await exitCodeOf("preview", plan, options.stack);
    released = Object.keys(plan.changes).length === 0;
    if (released) return 0;
    if (!options.agreed && !(await ask(`Release ${target.release} again?`))) return DECLINED;
    const run = await runEngine("up", { stack: options.stack, folder, said: plan.said });
    released = run.well || (await isReleased(target, opened, folder));
    return await exitCodeOf("up", run, options.stack);
  } finally {
    if (!released) await file.restore();
    process.off("SIGINT", stay);
    notice(`${file.path} is ${released ? `now that of ${target.release}` : "as it was before"}`);
  }
}

/** By default the previous release, or the newest one if what is declared now could not be released. */
async function choose({ to }: RollbackOptions, opened: OpenedStack, folder: string): Promise<Released> {
  const releases = listReleases(opened.release);
  if (to !== undefined) return find(releases, to);
  const [newest] = releases;
  if (newest !== undefined && (await didLastFail(opened.given, folder)) && (await differsFrom(newest, opened, folder)))
    return newest;
  return before(releases) ?? refuse(noneBefore(newest));
}

async function differsFrom(released: Released, opened: OpenedStack, folder: string): Promise<boolean> {
  const [earlier, now] = await Promise.all([configOf(released, opened.given, folder), opened.shown().then(parseValues)]);
  return changesTo(earlier, now, {}).length > 0;
}

/** Checks everything that can fail before the config is changed. */
async function prepare(target: Released, opened: OpenedStack, folder: string): Promise<{ file: ConfigFile; changes: Change[] }> {
  const { project, stack, given, hosts, release } = opened;
  const [earlier, now, written] = await Promise.all([
    configOf(target, given, folder),
    opened.shown().then(parseValues),
    stackFile(project, stack),
  ]);
  if (written === undefined) throw elsewhere();
  const path = relative(folder, join(project.configFolder, `Pulumi.${stack.split("/").at(-1)}.yaml`));
  const then = pinnedTo(target, earlier, now);
  const { registry } = parseConfig({ ...rawOf(then), stack: stack.split("/").at(-1) ?? stack, file: path });
  const { hosts: addresses } = ReleaseInputs.parse(release.outputs);
  await requireImage(target, Object.values(addresses), hosts, registry);
  return { file: await ConfigFile.open(path), changes: changesTo(then, now, written) };
}

/** Pins the image by digest, because its tag may have moved. The tag stays: the release is named after it. */
function pinnedTo({ image }: Released, earlier: StackValues, now: StackValues): StackValues {
  const written = earlier["slipway:image"]?.value ?? "";
  const { digest } = parseReference(image);
  const stays = Object.entries(now).filter(([key]) => STAY.has(key));
  const changes = Object.entries(earlier).filter(([key]) => !STAY.has(key));
  const pinned = { value: `${written.replace(/@.*$/, "")}@${digest}`, secret: false };
  return { ...Object.fromEntries([...changes, ...stays]), "slipway:image": pinned };
}

/** Whether the target was released although the run failed: then the config must match it. */
async function isReleased({ release }: Released, { release: old, given }: OpenedStack, folder: string): Promise<boolean> {
  if (old.outputs.release === release) return false;
  const checkpoint = parseCheckpoint(await exportStack(given, folder));
  return releaseIn(checkpoint)?.outputs.release === release;
}

function refuse(error: SlipwayError): never {
  throw error;
}

const noneBefore = (newest: Released | undefined): SlipwayError =>
  new SlipwayError({
    code: "UNKNOWN_NAME",
    what: newest === undefined ? "no release is recorded" : `there is no release before ${newest.release}`,
    servesNow: NOTHING_TOUCHED,
    next: "choose a release: slipway releases, then slipway rollback --to …",
  });

const elsewhere = (): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "the stack's file does not contain all of its config (some is in Pulumi.yaml or an environment), so it cannot be rolled back",
    servesNow: NOTHING_TOUCHED,
    next: "restore it from version control, and run slipway deploy",
  });
