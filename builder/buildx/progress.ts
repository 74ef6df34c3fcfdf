import { printable } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";

/** One step of a build, as BuildKit numbers it. */
interface Step {
  readonly name: string;
  state: "running" | "done" | "cached" | "failed";
  readonly lines: string[];
}

/** What made a build fail. */
export interface BuildFailure {
  /** `[2/3] RUN npm ci`; absent if no step has failed. */
  readonly step?: string | undefined;
  /** The last lines that it printed, and the error. */
  readonly lines: readonly string[];
}

/** Lines of one step that are kept; the end says what failed. */
const KEPT = 15;
const LONGEST = 500;

/** What begins with 0 is about the builder. */
const OF_STEP = /^#(?<id>[1-9]\d*) (?<rest>.*)$/;
const OUTPUT = /^\d+\.\d+ (?<text>.*)$/;
const ENDED = /^DONE (?<seconds>[\d.]+)s$/;
/** Another step is printed in between. */
const PAUSED = "...";
const OWN = /^\[/;

/** The output of `docker buildx build --progress plain`, line by line. Pure: it knows no clock and no process. */
export class BuildProgress {
  readonly #steps = new Map<string, Step>();
  /** What belongs to no step. */
  readonly #rest: string[] = [];

  /** @returns what is worth a line of its own: a step that has ended */
  line(raw: string): string | undefined {
    const text = printable(raw).slice(0, LONGEST);
    const { id, rest = "" } = OF_STEP.exec(text)?.groups ?? {};
    if (id === undefined) {
      keep(this.#rest, text);
      return undefined;
    }
    const step = this.#steps.get(id);
    if (step === undefined) {
      this.#steps.set(id, { name: rest, state: "running", lines: [] });
      return undefined;
    }
    return this.#of(step, rest);
  }

  #of(step: Step, rest: string): string | undefined {
    const ended = ENDED.exec(rest)?.groups;
    // A step with several parts ends more than once.
    if (ended !== undefined && step.state === "running") {
      step.state = "done";
      const seconds: Seconds = Number(ended.seconds);
      return OWN.test(step.name) && seconds >= 1 ? `${step.name}   ${seconds} s` : undefined;
    }
    if (rest === "CACHED") step.state = "cached";
    else if (rest.startsWith("ERROR: ")) {
      step.state = "failed";
      keep(step.lines, rest);
    } else if (rest !== PAUSED) keep(step.lines, OUTPUT.exec(rest)?.groups?.text ?? rest);
    return undefined;
  }

  /** What is done at this moment: the last step that has begun and not ended. */
  get now(): string | undefined {
    const running = [...this.#steps.values()].filter(({ state }) => state === "running");
    return (running.findLast(({ name }) => isOfDockerfile(name)) ?? running.at(-1))?.name;
  }

  /** How many steps of the Dockerfile there were, and how many of them had been done before. */
  get counts(): { readonly steps: number; readonly cached: number } {
    const own = [...this.#steps.values()].filter(({ name }) => isOfDockerfile(name));
    return { steps: own.length, cached: own.filter(({ state }) => state === "cached").length };
  }

  /** Of a build that has failed. */
  get failure(): BuildFailure {
    const failed = [...this.#steps.values()].find(({ state }) => state === "failed");
    // The error of a step says the same as that of the build.
    if (failed !== undefined) return { step: failed.name, lines: failed.lines.filter(hasWords) };
    return { lines: this.#rest.filter(hasWords) };
  }
}

/** `[2/3] RUN npm ci`, `[build 1/4] FROM node`; not `[internal] load build context`. */
const isOfDockerfile = (name: string): boolean => /^\[[^\]]*\d+\/\d+\]/.test(name);

/** Not blank, and no rule between parts. */
const hasWords = (line: string): boolean => /[^\s-]/.test(line);

function keep(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > KEPT) lines.shift();
}
