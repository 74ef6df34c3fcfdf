import { relative } from "node:path";
import { parseConfig } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseReference } from "../../core/image-reference.ts";
import { parseValues, rawOf, type StackValues } from "../../project/config-values.ts";
import { shortName, stackFile, stackFilePath } from "../../project/project.ts";
import { exportStack, showConfig } from "../../project/pulumi.ts";
import { ReleaseInputs } from "../../providers/release/inputs.ts";
import { exitCodeOf } from "../deploy/exit-code.ts";
import { runEngine } from "../engine/engine.ts";
import { parseCheckpoint, releaseIn } from "../stack/checkpoint.ts";
import { type OpenedStack, openStack } from "../stack/open-stack.ts";
import { requireUnlocked } from "../stack/pulumi-lock.ts";
import { find, listReleases, previous, type Released } from "../stack/release-history.ts";
import { recoverFile } from "../stack/rollback-journal.ts";
import { configOf, didLastFail } from "../stack/update-history.ts";
import { ask } from "../terminal/ask.ts";
import { notice } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";
import { type Change, changesTo, describeChanges, misread, STAY } from "./changes.ts";
import { ConfigFile } from "./config-file.ts";
import { requireImage } from "./image.ts";
import { seal } from "./seal.ts";

export interface RollbackOptions {
  readonly stack: string | undefined;
  readonly to: string | undefined;
  readonly agreed: boolean;
}

const DECLINED = 1;
const INTERRUPTED = 130;

/** Restores the config of an earlier release, shows the plan and releases it. Returns the exit code. */
export async function rollBack(options: RollbackOptions, folder = process.cwd()): Promise<number> {
  await using opened = await openStack(options.stack, folder);
  await requireUnlocked(opened.project, opened.stack);
  const recovered = await recoverFile(pathOf(opened, folder), folder);
  if (recovered !== undefined) notice(recovered);
  const target = await choose(options, opened, folder);
  const rollback = await prepare(target, opened, folder);
  await opened.hosts.close();
  const { file, changes } = rollback;
  printLine(`rollback to ${target.release}, released ${target.at}`);
  printLine(changes.length === 0 ? "  config: no change" : `  config: ${describeChanges(changes)}`);
  let released = false;
  // Ctrl-C, or the end of a CI job, must not skip the end of this, where the file is restored.
  const interruption = onInterruption();
  try {
    await file.write(changes, target.release, (value, text) => seal(value, text, options.stack, folder));
    if (changes.length > 0) await requireRead(rollback, target, options.stack, folder);
    if (interruption.signal.aborted) return INTERRUPTED;
    const plan = await runEngine("preview", { stack: options.stack, folder });
    if (!plan.well) return await exitCodeOf("preview", plan, options.stack);
    released = Object.keys(plan.changes).length === 0;
    if (released) return 0;
    const agreed = options.agreed || (await ask(`Release ${target.release} again?`, interruption.signal));
    if (!agreed && !interruption.signal.aborted) return DECLINED;
    if (interruption.signal.aborted) return INTERRUPTED;
    await file.agreed();
    const run = await runEngine("up", { stack: options.stack, folder, said: plan.said });
    released = run.well || (await isReleased(target, opened, folder));
    return await exitCodeOf("up", run, options.stack);
  } finally {
    await (released ? file.keep() : file.restore());
    interruption.end();
    notice(released ? nowThatOf(target, rollback) : `${file.path} is as it was before`);
  }
}

interface Prepared {
  readonly file: ConfigFile;
  readonly changes: Change[];
  /** What Pulumi has to read once they are written. */
  readonly wanted: StackValues;
}

const nowThatOf = ({ release }: Released, { file, wanted }: Prepared): string =>
  [
    `${file.path} is now that of ${release}`,
    `slipway:image is pinned to the digest of that release (${wanted["slipway:image"]?.value}): for the next version, replace it as a whole, @sha256:… included`,
  ].join("\n  ");

function onInterruption(): { readonly signal: AbortSignal; end(): void } {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const interrupted = new AbortController();
  const note = () => interrupted.abort();
  for (const signal of signals) process.on(signal, note);
  return {
    signal: interrupted.signal,
    end: () => {
      for (const signal of signals) process.off(signal, note);
    },
  };
}

const pathOf = ({ project, stack }: OpenedStack, folder: string): string => relative(folder, stackFilePath(project, stack));

/** By default the previous release, or the newest one if what is declared now could not be released. */
async function choose({ to }: RollbackOptions, opened: OpenedStack, folder: string): Promise<Released> {
  const releases = listReleases(opened.release);
  if (to !== undefined) return find(releases, to);
  const [newest] = releases;
  if (newest !== undefined && (await didLastFail(opened.given, folder)) && (await differsFrom(newest, opened, folder)))
    return newest;
  return previous(releases);
}

async function differsFrom(released: Released, opened: OpenedStack, folder: string): Promise<boolean> {
  const [earlier, now] = await Promise.all([configOf(released, opened.given, folder), opened.shown().then(parseValues)]);
  return changesTo(earlier, now, {}).length > 0;
}

/** Checks everything that can fail before the config is changed. */
async function prepare(target: Released, opened: OpenedStack, folder: string): Promise<Prepared> {
  const { project, stack, given, hosts, release } = opened;
  const [earlier, now, written] = await Promise.all([
    configOf(target, given, folder),
    opened.shown().then(parseValues),
    stackFile(project, stack),
  ]);
  if (written === undefined) throw elsewhere();
  const path = pathOf(opened, folder);
  const wanted = pinnedTo(target, earlier, now);
  const { registry } = parseConfig({ ...rawOf(wanted), stack: shortName(stack), file: path });
  const { hosts: addresses } = ReleaseInputs.parse(release.outputs);
  await requireImage(target, Object.values(addresses), hosts, registry);
  return { file: await ConfigFile.open(path, folder), changes: changesTo(wanted, now, written), wanted };
}

const isRolledBack = (key: string): boolean => key.startsWith("slipway:") && !STAY.has(key);

/** The image by digest, because its tag may have moved. The tag stays: the release is named after it. */
function pinnedTo({ image }: Released, earlier: StackValues, now: StackValues): StackValues {
  const written = earlier["slipway:image"]?.value ?? "";
  const { digest } = parseReference(image);
  const stays = Object.entries(now).filter(([key]) => !isRolledBack(key));
  const changes = Object.entries(earlier).filter(([key]) => isRolledBack(key));
  const pinned = { value: `${written.replace(/@.*$/, "")}@${digest}`, secret: false };
  return { ...Object.fromEntries([...changes, ...stays]), "slipway:image": pinned };
}

/** Compares what Pulumi reads from the file, by its own rules, with what it should. */
async function requireRead(
  { file, wanted }: Prepared,
  { release }: Released,
  stack: string | undefined,
  folder: string,
): Promise<void> {
  const differs = misread(wanted, parseValues(await showConfig(stack, folder)));
  if (differs.length === 0) return;
  throw new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: `${file.path} cannot be edited so that Pulumi reads the config of ${release} from it`,
    evidence: differs.map((key) => `Pulumi reads a different value of ${key}`),
    servesNow: NOTHING_TOUCHED,
    next: "restore the file from version control, and run slipway deploy",
  });
}

/** Whether the target was released although the run failed: then the config must match it. */
async function isReleased({ release }: Released, { release: old, given }: OpenedStack, folder: string): Promise<boolean> {
  if (old.outputs.release === release) return false;
  const checkpoint = parseCheckpoint(await exportStack(given, folder));
  return releaseIn(checkpoint)?.outputs.release === release;
}

const elsewhere = (): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "the stack's file does not contain all of its config (some is in Pulumi.yaml or an environment), so it cannot be rolled back",
    servesNow: NOTHING_TOUCHED,
    next: "restore it from version control, and run slipway deploy",
  });
