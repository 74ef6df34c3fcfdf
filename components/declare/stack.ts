import { type Problem, parseConfig, type RawConfig, readConfig } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { omitUndefined } from "../../core/values.ts";
import { inKamal, isAsked } from "../../kamal/project/places.ts";
import { placeText } from "../../kamal/source/place.ts";
import { pathText } from "../../kamal/yaml/tree.ts";
import { type WithDeployFile, withDeployFile } from "../../project/deploy-file.ts";
import { projectOf } from "../../project/place.ts";
import type { Asking, CompleteConfig } from "../../secrets/index.ts";

/**
 * The config of a stack, with that of Kamal's file if it names one, and with the values of the sources of its secrets. Rejects with one
 * error that has everything which is wrong in them, or that only a person can decide.
 */
export async function readStack(raw: RawConfig, asking: () => Asking): Promise<CompleteConfig> {
  const live = withDeployFile(raw, projectOf(raw.root ?? process.cwd()), raw.stack);
  if (live === undefined) return complete(raw, asking);
  const declared = { ...raw, values: live.values, secretKeys: live.secretKeys };
  const answers = hasSources(declared) ? await (await sources()).answersFor(declared, asking) : undefined;
  requireSound({ ...declared, ...omitUndefined({ answers }) }, live);
  const { config, ...asked } = await complete(declared, asking);
  return { ...asked, config: { ...config, notes: live.notes } };
}

/** Most stacks have no sources, and load nothing of them. */
async function complete(raw: RawConfig, asking: () => Asking): Promise<CompleteConfig> {
  if (!hasSources(raw)) return { config: parseConfig(raw), fingerprint: undefined, sources: [], hidden: [] };
  return (await sources()).completeConfig(raw, asking);
}

const hasSources = ({ values }: RawConfig): boolean => values["slipway:secrets_from"] !== undefined;

const sources = () => import("../../secrets/index.ts");

function requireSound(raw: RawConfig, live: WithDeployFile): void {
  const read = readConfig(raw);
  const lines = [
    ...live.asked.map(({ at, path, says }) => ({ place: placeText(at), path: pathText(path), says })),
    ...read.problems.filter(({ path }) => !isAsked(path, live.asked)).map((problem) => lineOf(problem, live, raw.file)),
  ];
  if (lines.length > 0) throw faulty(raw.file, live.file, lines);
}

interface Line {
  /** With the line, where that is known. */
  readonly place: string;
  readonly path: string;
  readonly says: string;
}

/** A value of Kamal's file has its line there. */
function lineOf({ path, message }: Problem, { taken, translation }: WithDeployFile, file: string): Line {
  if (!taken.has(String(path[0]))) return { place: file, path: `slipway:${pathText(path)}`, says: message };
  const { at, path: source } = inKamal(path, translation);
  return { place: placeText(at), path: pathText(source), says: message };
}

function faulty(file: string, deployFile: string, lines: readonly Line[]): SlipwayError {
  const widths = [Math.max(...lines.map(({ place }) => place.length)), Math.max(...lines.map(({ path }) => path.length))];
  const heading = `${file}, with slipway:deploy_file: ${deployFile}: ${lines.length} ${lines.length === 1 ? "problem" : "problems"}`;
  return new SlipwayError({
    code: "CONFIG_INVALID",
    what: [
      heading,
      ...lines.map(({ place, path, says }) =>
        `  ${place.padEnd((widths[0] ?? 0) + 2)}${path.padEnd((widths[1] ?? 0) + 2)}${says}`.trimEnd(),
      ),
    ].join("\n"),
    servesNow: NOTHING_TOUCHED,
    next: `correct it in ${deployFile}, or write that root key into ${file}, where it replaces the file's; then run pulumi preview again`,
  });
}
