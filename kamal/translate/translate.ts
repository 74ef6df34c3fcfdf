import type { KamalConfig } from "../files/read.ts";
import { placeText } from "../source/place.ts";
import type { Surroundings } from "../source/surroundings.ts";
import { leavesOf, type MapNode, mapNode, type Path } from "../yaml/tree.ts";
import { withConflicts } from "./conflicts.ts";
import { factsOf } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { translateHooks } from "./hooks.ts";
import { lackingIn, translateRoot } from "./root.ts";
import { type Copied, type Mode, Run } from "./run.ts";
import { type NeededSecret, SecretBook } from "./secret-book.ts";
import { secretSources } from "./secret-sources.ts";

/** A config of Kamal as a stack of Slipway. */
export interface Translation {
  /** The keys below `slipway:`, in Kamal's order and with its comments. */
  readonly stack: MapNode;
  /** In the order of the files. */
  readonly findings: readonly Finding[];
  readonly secrets: readonly NeededSecret[];
  /** Names whose values stay in Kamal's files, which `secrets_from` reads. */
  readonly secretsInFiles: readonly string[];
  /** Values that Kamal's files have in clear text, or that come from the environment: name of the secret → value. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether one of these is from the environment. */
  readonly readsEnvironment: boolean;
  readonly copied: readonly Copied[];
  /** Whether it is the base of destinations, which Kamal does not deploy alone: hosts and host names are in their files. */
  readonly isPartial: boolean;
}

/**
 * Translates what Kamal reads for one destination. Every value of its files has a finding.
 *
 * @param toApp from the project's folder to the app's: `..`
 */
export function translate(config: KamalConfig, around: Surroundings, toApp: string, mode: Mode = "written once"): Translation {
  const { root, destination } = config;
  const run = new Run(factsOf(root, destination), new SecretBook(config.secrets), around, toApp, mode);
  const at = { file: config.file, line: 1 };
  const entries = translateRoot({ path: [], node: root, at }, run);
  const hooks = translateHooks(config.hooks, run);
  const inFiles = run.secrets.inFiles;
  const sources = secretSources(inFiles, run);
  const stack = mapNode([...entries, ...hooks, ...sources.entries], { at, comment: root.below });
  const made = withConflicts(run.findings, root, stack);
  const findings = [...readingFindings(config), ...sources.findings, ...made, ...unaccounted(root, made)];
  return {
    stack,
    findings: findings.sort(byPlace),
    secrets: run.secrets.needed,
    secretsInFiles: inFiles.names,
    values: run.secrets.values,
    readsEnvironment: run.secrets.readsEnvironment,
    copied: run.copied,
    isPartial: lackingIn(run).length > 0,
  };
}

/** What reading has found already. */
function readingFindings({ replaced, repeated, noted }: KamalConfig): Finding[] {
  return [
    ...noted.map(
      ({ at, code, because, isRefused }): Finding => ({
        outcome: isRefused ? "needs you" : "translated",
        path: [],
        at,
        to: undefined,
        says: `${because}: ${oneLine(code)}`,
      }),
    ),
    ...repeated.map(
      ({ key, at, by }): Finding => ({
        outcome: "replaced",
        path: [key],
        at,
        to: undefined,
        says: `${key} is written again in line ${by.line}, which Ruby takes`,
      }),
    ),
    ...replaced.map(
      ({ path, at, by, without }): Finding => ({
        outcome: without.length > 0 ? "translated" : "replaced",
        path,
        at,
        to: undefined,
        says:
          without.length > 0
            ? `is replaced by ${placeText(by)} as a whole, as Kamal does, without ${without.join(", ")}`
            : `is replaced by ${placeText(by)}`,
      }),
    ),
  ];
}

const oneLine = (code: string): string => {
  const text = code.replace(/\s+/g, " ").trim();
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};

/** What no rule has looked at. Nothing is lost in silence, even by a mistake here. */
function unaccounted(root: MapNode, findings: readonly Finding[]): Finding[] {
  const known = new Set(findings.map(({ path }) => keyOf(path)));
  const isKnown = (path: Path): boolean => path.some((_, at) => known.has(keyOf(path.slice(0, at + 1))));
  return leavesOf(root)
    .filter(({ path }) => path.length > 0 && !isKnown(path))
    .map(({ path, node }) => ({ outcome: "needs you", path, at: node.at, to: undefined, says: "has not been translated" }));
}

const keyOf = (path: Path): string => JSON.stringify(path);

const byPlace = (a: Finding, b: Finding): number =>
  a.at.file === b.at.file ? a.at.line - b.at.line : a.at.file < b.at.file ? -1 : 1;
