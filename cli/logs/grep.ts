import { InvalidArgumentError } from "commander";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

/** Which lines are shown. */
export interface Grep {
  readonly pattern: string;
  readonly ignoreCase: boolean;
  /** Those that do not match. */
  readonly invert: boolean;
  /** How many lines of the same container come with each, before and after it. */
  readonly before: number;
  readonly after: number;
}

/** As the options have it. */
export interface GrepFlags {
  readonly grep?: string;
  readonly ignoreCase?: true;
  readonly invert?: true;
  readonly context?: number;
  readonly grepOptions?: GrepOptions;
}

type GrepOptions = Partial<Omit<Grep, "pattern">>;

/** What is searched; `undefined`: every line is shown. */
export function grepOf({ grep: pattern, ignoreCase, invert, context, grepOptions }: GrepFlags): Grep | undefined {
  if (pattern === undefined && (ignoreCase || invert || context !== undefined || grepOptions !== undefined))
    throw withoutPattern();
  if (pattern === undefined) return undefined;
  const around = context === undefined ? {} : { before: context, after: context };
  const own = { ...(ignoreCase && { ignoreCase }), ...(invert && { invert }), ...around };
  return { ignoreCase: false, invert: false, before: 0, after: 0, ...grepOptions, ...own, pattern };
}

/** Throws for what is no regular expression of JavaScript, with the reason. */
export function pattern(text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.replace(/^Invalid regular expression: .*: /s, "") : "";
    throw new InvalidArgumentError(`It is no regular expression: ${reason}`);
  }
}

/** The flags of grep that say which lines are shown, by their letter. */
const SWITCHES: Readonly<Record<string, GrepOptions>> = { i: { ignoreCase: true }, v: { invert: true }, E: {} };
const COUNTS: Readonly<Record<string, (count: number) => GrepOptions>> = {
  A: (after) => ({ after }),
  B: (before) => ({ before }),
  C: (around) => ({ before: around, after: around }),
};

/** Reads the flags of grep that Kamal passes on. @example grepOptions("-iv -C 2") */
export function grepOptions(text: string): GrepOptions {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const read: GrepOptions[] = [];
  while (words.length > 0) {
    const [, switches = "", letter = "", digits = ""] = /^-([ivE]*)(?:([ABC])(\d*))?$/.exec(words.shift() ?? "") ?? ["", "?"];
    const count = letter === "" ? "" : digits || (words.shift() ?? "");
    const known = [...switches].every((one) => one in SWITCHES) && `${switches}${letter}` !== "";
    if (!known || (letter !== "" && !/^\d{1,5}$/.test(count)))
      throw new InvalidArgumentError("These can be combined: -i, -v, -E, -A COUNT, -B COUNT, -C COUNT.");
    read.push(...[...switches].map((one) => SWITCHES[one] ?? {}), COUNTS[letter]?.(Number(count)) ?? {});
  }
  return Object.assign({}, ...read) as GrepOptions;
}

/** The lines of one container that are shown, with those around them, each once and in their order. */
export class LineFilter<T extends { readonly text: string }> {
  readonly #grep: Grep;
  readonly #pattern: RegExp;
  #earlier: T[] = [];
  /** How many of the next ones are shown. */
  #following = 0;

  constructor(grep: Grep) {
    this.#grep = grep;
    this.#pattern = new RegExp(grep.pattern, grep.ignoreCase ? "i" : "");
  }

  /** @returns what is to be shown now that this line has come */
  add(line: T): readonly T[] {
    const { before, after, invert } = this.#grep;
    if (this.#pattern.test(line.text) !== invert) {
      const shown = [...this.#earlier, line];
      this.#earlier = [];
      this.#following = after;
      return shown;
    }
    if (this.#following > 0) {
      this.#following -= 1;
      return [line];
    }
    if (before > 0) this.#earlier = [...this.#earlier, line].slice(-before);
    return [];
  }
}

const withoutPattern = (): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: "it is said how to search the lines, and not for what",
    servesNow: NOTHING_TOUCHED,
    next: "add --grep with a regular expression",
  });
