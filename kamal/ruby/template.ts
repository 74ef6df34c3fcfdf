import type { Place } from "../source/place.ts";
import type { Surroundings } from "../source/surroundings.ts";
import { type Evaluated, evaluate, type Scope } from "./expression.ts";
import { blockDepth, type Statement, statements } from "./statement.ts";
import { isKnown, isTrue, type Origin, textOf } from "./value.ts";

/** A part of the rendered text that ERB has written. */
export interface Written {
  readonly from: number;
  readonly to: number;
  readonly origins: readonly Origin[];
}

/** Ruby around the values of a file: what an import does not run, and conditions that do not hold. */
export interface Noted {
  readonly at: Place;
  /** Whether a person has to do something about it. */
  readonly isRefused: boolean;
  readonly code: string;
  readonly because: string;
}

/** A template as Kamal renders it. */
export interface Rendered {
  readonly text: string;
  /** The line of the template for each line of the text; from 0 to a number from 1. */
  readonly lines: readonly number[];
  readonly written: readonly Written[];
  readonly noted: readonly Noted[];
}

/** In the place of a value that is unknown: `\uE000` and the name of what it is. They are characters that no config has. */
const OPEN = "\uE000";
const CLOSE = "\uE001";
export const MARKED = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, "g");

const TAG = /<%%|<%(?<kind>[=#-]?)(?<code>[\s\S]*?)(?<trim>-?)%>(?<end>\n?)/g;

/** A block of code around parts of the text. */
interface Block {
  /** Whether its text is written: of an `if`, one branch. */
  isActive: boolean;
  /** Of an `if`: whether a branch before this one was written. */
  isDone: boolean;
  readonly isOurs: boolean;
}

/** Renders ERB as Kamal does, with trim mode `-`. A value that cannot be known has a mark in its place. */
export function render(template: string, file: string, surroundings: Surroundings): Rendered {
  const run = new Run(file, surroundings);
  let from = 0;
  for (const match of template.matchAll(TAG)) {
    const before = template.slice(from, match.index);
    // `<%-` takes the blanks before it away.
    run.add(match.groups?.kind === "-" ? before.replace(/(^|\n)[ \t]*$/, "$1") : before);
    const { kind = "", code = "", trim = "", end = "" } = match.groups ?? {};
    const line = lineAt(template, match.index);
    if (match[0] === "<%%") run.add("<%");
    else if (kind === "=") run.print(code, line);
    else if (kind !== "#") run.execute(code, line);
    from = match.index + match[0].length - (trim === "-" || match[0] === "<%%" ? 0 : end.length);
    // The rest of the text is in the line of the template in which it begins.
    run.continueAt(lineAt(template, from));
  }
  run.add(template.slice(from));
  return run.rendered();
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

class Run {
  #text = "";
  readonly #lines: number[] = [1];
  #line = 1;
  readonly #written: Written[] = [];
  readonly #noted: Noted[] = [];
  readonly #blocks: Block[] = [];
  readonly #scope: Scope = new Map();
  readonly #file: string;
  #around: Surroundings;

  constructor(file: string, around: Surroundings) {
    this.#file = file;
    this.#around = around;
  }

  get #isActive(): boolean {
    return this.#blocks.every(({ isActive }) => isActive);
  }

  add(text: string): void {
    for (const [at, part] of text.split("\n").entries()) {
      if (at > 0) {
        this.#line++;
        if (this.#isActive) {
          this.#text += "\n";
          this.#lines.push(this.#line);
        }
      }
      if (this.#isActive) this.#text += part;
    }
  }

  continueAt(line: number): void {
    this.#line = line;
    if (this.#text === "" || this.#text.endsWith("\n")) this.#lines[this.#lines.length - 1] = line;
  }

  print(code: string, line: number): void {
    if (!this.#isActive) return;
    const { value, origins } = this.#evaluate(code);
    const unknown = origins.find((origin) => !isKnown(origin));
    const text = unknown === undefined ? textOf(value) : `${OPEN}${nameOf(unknown)}${CLOSE}`;
    const from = this.#text.length;
    this.#text += text;
    for (const _ of text.matchAll(/\n/g)) this.#lines.push(line);
    this.#written.push({ from, to: this.#text.length, origins });
  }

  execute(code: string, line: number): void {
    const parsed = statements(code);
    for (const { statement, at } of parsed) this.#run(statement, line + at);
  }

  #run(statement: Statement, line: number): void {
    const block = this.#blocks.at(-1);
    switch (statement.do) {
      case "if":
        this.#blocks.push({ ...this.#branch(statement, line), isOurs: true });
        return;
      case "elsif":
      case "else":
        if (block?.isOurs) Object.assign(block, this.#otherBranch(block, statement, line));
        return;
      case "end":
        this.#blocks.pop();
        return;
      case "other":
        if (this.#isActive) this.#note(statement.code, line, "is Ruby that an import does not run");
        for (let depth = blockDepth(statement.code); depth > 0; depth--)
          this.#blocks.push({ isActive: true, isDone: true, isOurs: false });
        return;
      default:
        if (this.#isActive) this.#effect(statement, line);
    }
  }

  #effect(statement: Extract<Statement, { do: "set" | "raise" | "dotenv" }>, line: number): void {
    if (statement.do === "set") this.#scope.set(statement.name, this.#evaluate(statement.code));
    else if (statement.do === "raise") {
      const stops = statement.condition === undefined || this.#decide(statement.condition, line) !== statement.unless;
      if (stops) this.#note(statement.code, line, "stops Kamal: set what it asks for");
    } else this.#loadDotenv(statement.files);
  }

  /** As the gem dotenv: what is set already stays. */
  #loadDotenv(files: readonly string[]): void {
    const texts = files.map((file) => this.#around.readFile(file) ?? "");
    const set = texts.flatMap((text) => [...text.matchAll(/^\s*(?:export\s+)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s#]*))/gm)]);
    const values = set.map(([, name = "", double, single, plain]) => [name, double ?? single ?? plain ?? ""]);
    this.#around = { ...this.#around, env: { ...Object.fromEntries(values.toReversed()), ...this.#around.env } };
  }

  #branch({ condition, unless }: Extract<Statement, { do: "if" }>, line: number): Pick<Block, "isActive" | "isDone"> {
    if (!this.#isActive) return { isActive: false, isDone: true };
    const isActive = this.#decide(condition, line) !== unless;
    const code = `${unless ? "unless" : "if"} ${condition}`;
    if (!isActive) this.#note(code, line, "does not hold here, and the lines below it are left out, as Kamal does", false);
    return { isActive, isDone: isActive };
  }

  #otherBranch(
    block: Block,
    statement: Extract<Statement, { do: "elsif" | "else" }>,
    line: number,
  ): Pick<Block, "isActive" | "isDone"> {
    if (block.isDone) return { isActive: false, isDone: true };
    const isActive = statement.do === "else" || this.#decide(statement.condition, line);
    return { isActive, isDone: isActive };
  }

  /** A condition that cannot be decided holds: what it adds can be seen, and removed. */
  #decide(condition: string, line: number): boolean {
    const { value, origins } = this.#evaluate(condition);
    const isDecided = !origins.some(({ kind }) => kind === "ruby" || kind === "command");
    if (!isDecided) this.#note(condition, line, "is a condition that an import cannot decide: taken as true");
    return !isDecided || isTrue(value);
  }

  #evaluate(code: string): Evaluated {
    return evaluate(code, this.#scope, this.#around);
  }

  #note(code: string, line: number, because: string, isRefused = true): void {
    this.#noted.push({ at: { file: this.#file, line }, code: code.trim(), because, isRefused });
  }

  rendered(): Rendered {
    return { text: this.#text, lines: this.#lines, written: this.#written, noted: this.#noted };
  }
}

/** What to write instead: `<SERVER_IP>`. */
function nameOf(origin: Origin): string {
  switch (origin.kind) {
    case "unset":
    case "env":
      return `<${origin.name}>`;
    case "file":
    case "missing":
      return `<${short(origin.path)}>`;
    case "git":
    case "command":
      return `<${short(origin.command)}>`;
    case "ruby":
      return `<${short(origin.code)}>`;
  }
}

/** Nothing that YAML or a mark would read. */
const short = (code: string): string =>
  code
    .replace(/[^\w./ -]+/g, " ")
    .trim()
    .slice(0, 40);
