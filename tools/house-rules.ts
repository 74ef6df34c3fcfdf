/**
 * Rules that neither the compiler nor the linter has, as part of `npm run check`: words that docs/style.md replaces, files that are
 * too long, and object literals spread only to shorten a line. `node tools/house-rules.ts hosts docs` checks only these folders.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A line that breaks a rule. */
export interface Offence {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
}

/** A longer file has two nouns. */
const LONGEST = 350;

/** A pattern and what to write instead. The case is ignored; code, comments, texts and docs are checked alike. */
const WORDS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\banew\b/, "again, re-create"],
  [/\btells?\b|\btold\b/, "report, print, show, say"],
  [/\bwhoever\b|\bwhomever\b/, "name who it is: the caller, the user, the reader"],
  [/\bsomebody\b/, "someone, another user, or say which"],
  // Not the account in a passwd file.
  [/\bnobody\b(?!:[x/])/, "no one, or say it without a person: unused, not waited for"],
  [/\bcannot be had\b/, "is unavailable, is in use"],
  [/\bthat there is not\b|\bthere is not one\b|\bthere is none\b/, "missing, does not exist"],
  [/\bis another\b(?! process using it)|\bis no other\b|\bother than it was\b/, "is different, differs"],
  [/\bstands?\b(?! for\b)|\bstood\b/, "is, is set, remains"],
  [/\bhears? of\b|\bheard of\b/, "learns, is notified"],
  [/\bfalls? over\b|\bfell over\b/, "crashes, fails"],
  [/\bmend(?:s|ed|ing)?\b/, "fix, repair"],
  [/\bhalf-way\b/, "midway, partway, before it finished"],
];

/** Files with words of others (names of packages, quotations, records of the past), and those that are generated. */
const EXEMPT =
  /^(?:package-lock\.json|CHANGELOG\.md|tools\/house-rules(?:\.test)?\.ts|docs\/style\.md|components\/(?:app|server)\/args\.ts|docs\/api\.d\.ts|.*\.schema\.json|lab\/.*\/go\.sum)$/;
const READ = /\.(?:ts|cjs|md|yaml|yml|go|sh)$/;
const CODE = /\.(?:ts|cjs)$/;
/** `{ ...{ a, b }, c }`: the compiler no longer checks such a literal for excess keys. */
const SPREAD = /\.\.\.\{(?! *\})/;

/** Every rule that one file breaks. Pure. */
export function offences(file: string, text: string): Offence[] {
  const lines = text.split("\n");
  const found = lines.flatMap((line, at) => [
    ...WORDS.filter(([pattern]) => new RegExp(pattern, "i").test(line)).map(([pattern, instead]) => ({
      file,
      line: at + 1,
      rule: `"${new RegExp(pattern, "i").exec(line)?.[0]}": ${instead}`,
    })),
    ...(CODE.test(file) && SPREAD.test(line)
      ? [{ file, line: at + 1, rule: "a literal spread into a literal: write its keys" }]
      : []),
  ]);
  const length = text.endsWith("\n") ? lines.length - 1 : lines.length;
  if (CODE.test(file) && length > LONGEST)
    found.push({ file, line: LONGEST + 1, rule: `${length} lines, ${LONGEST} at most: which noun can leave?` });
  return found;
}

/** The files that git has or would add, in and below these paths. */
export function filesOf(root: string, places: readonly string[] = []): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...places], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 16 * 2 ** 20,
  });
  return listed.split("\n").filter((file) => READ.test(file) && !EXEMPT.test(file));
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const found = filesOf(root, process.argv.slice(2)).flatMap((file) => offences(file, readFileSync(join(root, file), "utf8")));
  for (const { file, line, rule } of found) console.error(`${file}:${line}: ${rule}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
