import type { Assignment, DotenvPart } from "../../core/dotenv.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { type Asking, type Found, toolEnvironment } from "../asking.ts";
import { textOf } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { askStore } from "../stores/ask-store.ts";
import { fieldsOf, secretStrings } from "../stores/aws.ts";
import { because, call } from "../tool.ts";
import { kamalAws, storeQuestions } from "./kamal-fetch.ts";
import { shellWords, type Words } from "./shell-words.ts";

/** An assignment with the file that has it. */
export interface InFile extends Assignment {
  readonly file: string;
}

/** A value, or why it is missing. */
type Value = { readonly kind: "value"; readonly text: string } | { readonly kind: "missing"; readonly because: string };

/**
 * The values of names in files of dotenv. Only what these names need is run and looked up, each command once. A variable is an earlier name
 * of the files, or one of the environment.
 *
 * @param folder where commands run
 */
export async function evaluate(all: readonly InFile[], keys: readonly string[], folder: string, asking: Asking): Promise<Found> {
  const evaluation = new Evaluation(all, folder, asking);
  const values: Record<string, string> = {};
  const hints: Record<string, string> = {};
  const found = await Promise.all(keys.map(async (key) => [key, await evaluation.last(key, all.length)] as const));
  for (const [key, value] of found) {
    if (value?.kind === "value") values[key] = value.text;
    else if (value !== undefined) hints[key] = value.because;
  }
  return { values, hints };
}

/** One that has the line. */
class AtLine extends Refusal {}

class Evaluation {
  readonly #all: readonly InFile[];
  readonly #folder: string;
  readonly #asking: Asking;
  readonly #known = new Map<number, Promise<Value>>();

  constructor(all: readonly InFile[], folder: string, asking: Asking) {
    this.#all = all;
    this.#folder = folder;
    this.#asking = asking;
  }

  /** The last value of a name before a place; `undefined`: the files do not have it there. */
  async last(name: string, before: number): Promise<Value | undefined> {
    const at = this.#all.findLastIndex((one, index) => index < before && one.name === name);
    return at < 0 ? undefined : this.#value(at);
  }

  #value(at: number): Promise<Value> {
    const known = this.#known.get(at) ?? this.#evaluate(at);
    this.#known.set(at, known);
    return known;
  }

  async #evaluate(at: number): Promise<Value> {
    const one = this.#all[at];
    if (one === undefined) throw new TypeError(`no assignment ${at}`);
    const texts: string[] = [];
    for (const part of one.parts) {
      const value = await this.#part(part, at, one);
      // A part of a longer value is empty, as in a shell.
      if (value.kind === "missing" && one.parts.length === 1) return value;
      texts.push(value.kind === "value" ? value.text : "");
    }
    return { kind: "value", text: texts.join("") };
  }

  async #part(part: DotenvPart, at: number, one: InFile): Promise<Value> {
    if (part.kind === "text") return { kind: "value", text: part.text };
    if (part.kind === "command") return { kind: "value", text: await this.#command(part.command, at, one) };
    const text = await this.#variable(part.name, at);
    if (text !== undefined && text !== "") return { kind: "value", text };
    if (part.fallback !== undefined) return { kind: "value", text: part.fallback };
    return {
      kind: "missing",
      because: `${one.file}:${one.line} takes it from $${part.name}, which is ${text === "" ? "empty" : "not set"}`,
    };
  }

  async #variable(name: string, before: number): Promise<string | undefined> {
    const value = await this.last(name, before);
    if (value !== undefined) return value.kind === "value" ? value.text : undefined;
    return this.#asking.env[name];
  }

  async #command(command: string, at: number, one: InFile): Promise<string> {
    try {
      return (await this.#asKamal(command.trim(), at)) ?? (await this.#inShell(command, at));
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || thrown instanceof AtLine) throw thrown;
      throw new AtLine(`${one.file}:${one.line} (${one.name}): ${thrown.message}`, { cause: thrown });
    }
  }

  /** Earlier names of the files are variables of the command. It may ask the person at the terminal. */
  async #inShell(command: string, at: number): Promise<string> {
    const used = [...command.matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name);
    const env: Record<string, string> = {};
    for (const name of new Set(used)) {
      const value = await this.last(name, at);
      if (value?.kind === "value") env[name] = value.text;
    }
    const ended = await call(SHELL, ["-c", command], this.#asking, { env, folder: this.#folder, mayPrompt: true });
    if (ended.code !== 0) throw new Refusal(because(firstWord(command), ended));
    return ended.stdout.replace(/\r?\n$/, "");
  }

  /** Kamal's own commands, without Kamal; `undefined`: it is no such command, or one that only Kamal can run. */
  async #asKamal(command: string, at: number): Promise<string | undefined> {
    const words = /^(?:bundle exec |bin\/|\.\/bin\/)?kamal\s+secrets\s/.test(command) ? shellWords(command) : undefined;
    if (words === undefined) return undefined;
    const texts = await this.#textsOf(words, at);
    const [what, ...args] = texts.slice(texts.indexOf("secrets") + 1);
    if (what === "extract") return extracted(args.filter((word) => word !== "--inline"));
    return what === "fetch" ? this.#fetch(args) : undefined;
  }

  #textsOf(words: Words, at: number): Promise<string[]> {
    const textOfPart = async (part: Words[number][number]) =>
      part.kind === "text" ? part.text : ((await this.#variable(part.name, at)) ?? "");
    return Promise.all(words.map(async (parts) => (await Promise.all(parts.map(textOfPart))).join("")));
  }

  async #fetch(args: readonly string[]): Promise<string | undefined> {
    const env = toolEnvironment(this.#asking.env);
    const aws = kamalAws(args);
    if (aws !== undefined) return this.#fetchAws(aws.ids, aws.profile);
    const questions = storeQuestions(args, env);
    if (questions === undefined) return undefined;
    const answers = await Promise.all(
      questions.map(async ({ place, keys }) => {
        const { values, hints } = await askStore(place, [...keys.values()], this.#asking);
        return [...keys].map(([name, key]) => {
          const value = values[key];
          if (value === undefined)
            throw new Refusal(`${name} is not in ${place.kind}${hints?.[key] === undefined ? "" : `: ${hints[key]}`}`);
          return [name, value] as const;
        });
      }),
    );
    return JSON.stringify(Object.fromEntries(answers.flat()));
  }

  /** Keys of a JSON object follow its name. */
  async #fetchAws(ids: readonly string[], profile: string | undefined): Promise<string> {
    const texts = await secretStrings(ids, new Set(), profile === undefined ? {} : { profile }, this.#asking);
    const all = [...texts].flatMap(([id, text]) =>
      Object.entries(fieldsOf(id, text).values).map(([key, value]) => [key === id ? id : `${id}/${key}`, value]),
    );
    return JSON.stringify(Object.fromEntries(all));
  }
}

const SHELL = { program: "sh", install: "it is part of every Unix" };

const firstWord = (command: string): string =>
  /[^\s=|;&]+/.exec(command.replace(/^\s*(?:\w+=\S*\s+)*/, ""))?.[0] ?? "the command";

/** `kamal secrets extract NAME JSON`: the key, or one that ends with it. */
function extracted([name = "", json = ""]: readonly string[]): string {
  const all = parseJson(json);
  if (!isMap(all)) throw new Refusal(`kamal secrets extract ${name}: its second word is not what kamal secrets fetch gives`);
  const key = Object.hasOwn(all, name) ? name : Object.keys(all).find((one) => one.endsWith(`/${name}`));
  const value = key === undefined ? undefined : textOf(all[key]);
  if (value === undefined) throw new Refusal(`kamal secrets extract ${name}: it is not among what was fetched`);
  return value;
}
