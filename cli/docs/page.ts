import { closest, distance } from "fastest-levenshtein";
import { stringify } from "yaml";
import { fallbackOf, keysBelow, kindOf, namedBelow } from "../../config/documentation.ts";
import { type JsonSchema, rootSchemas } from "../../config/json-schema.ts";
import { REQUIRED } from "../../config/root.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { ERRORS } from "../../core/error-codes.ts";

/** What `slipway docs --json` prints. Keys are added, never renamed or removed. */
export type Pages =
  | { readonly kind: "list"; readonly keys: readonly DocumentedKey[] }
  | { readonly kind: "key"; readonly key: DocumentedKey; readonly below: readonly DocumentedKey[] }
  | { readonly kind: "error"; readonly code: string; readonly cause: string; readonly look: string; readonly next: string };

/** One key of a stack's file. */
export interface DocumentedKey {
  /** With the user's own names as placeholders: `servers.<role>.stop_timeout`. */
  readonly path: string;
  /** What it means. */
  readonly is: string;
  /** What it takes: `whole number`. */
  readonly takes: string;
  /** The default, as code or in words; null without one. */
  readonly default: string | null;
  readonly required: boolean;
  /** What is refused; null if nothing is but what has another type. */
  readonly refused: string | null;
  readonly example: unknown;
}

/** All root keys. */
export const listed = (): Pages => ({ kind: "list", keys: roots().map(([path, schema]) => keyOf(path, schema)) });

/** A key with those below it, or the code of an error. Throws for what is neither, and names what is like it. */
export function documented(written: string): Pages {
  const error = Object.entries(ERRORS).find(([code]) => code === written);
  if (error !== undefined)
    return { kind: "error", code: error[0], cause: error[1].cause, look: error[1].look, next: error[1].next };
  const all = everyKey();
  const steps = stepsOf(written);
  const found = all.find(([path]) => fits(stepsOf(path), steps)) ?? elsewhere(steps, all);
  if (found === undefined) throw unknown(steps, all);
  const [path, schema] = found;
  const below = all.filter(([one]) => one.startsWith(`${path}.`) || one.startsWith(`${path}[]`));
  return { kind: "key", key: keyOf(path, schema), below: below.map(([one, inner]) => keyOf(one, inner)) };
}

type Place = readonly [path: string, schema: JsonSchema];

const roots = (): Place[] => Object.entries(rootSchemas());

/** Every key with a documentation of its own, by its whole path. */
const everyKey = (): Place[] =>
  roots().flatMap(([root, schema]): Place[] => {
    const below = [...keysBelow(schema, "", namedBelow(root))];
    return [[root, schema], ...below.map(([path, inner]): Place => [`${root}.${path}`, inner])];
  });

const keyOf = (path: string, schema: JsonSchema): DocumentedKey => ({
  path,
  is: schema.description ?? "",
  takes: plain(kindOf(schema)),
  default: plainly(fallbackOf(schema)),
  required: REQUIRED.some((key) => key === path),
  refused: schema.refused ?? null,
  example: schema.examples?.[0] ?? null,
});

/** `slipway:servers.web.hosts[1].tags` */
const stepsOf = (path: string): string[] =>
  path
    .replace(/^slipway:/, "")
    .split(/\.|\[/)
    .map((step) => (/^\d*\]$/.test(step) ? "[]" : step))
    .filter((step) => step !== "");

/** Whether a path is that of a key, in which names of the user's own are in angle brackets. The entries of a list may be left out. */
function fits(key: readonly string[], written: readonly string[]): boolean {
  const [own, ...rest] = key;
  const [step, ...others] = written;
  if (own === undefined) return written.every((one) => one === "[]");
  if (own === "[]" && step !== "[]") return fits(rest, written);
  return step !== undefined && (own === step || own.startsWith("<")) && fits(rest, others);
}

/** What a role or an accessory has of the app's keys is documented there: `servers.web.proxy.app_port`. */
function elsewhere(steps: readonly string[], all: readonly Place[]): Place | undefined {
  const [root, , ...rest] = steps;
  if (root !== "servers" && root !== "accessories") return undefined;
  return (
    all.find(([path]) => fits(stepsOf(path), rest)) ?? all.find(([path]) => fits(stepsOf(path), ["servers", "web", ...rest]))
  );
}

function unknown(steps: readonly string[], all: readonly Place[]): SlipwayError {
  const wanted = steps.join(".");
  const last = steps.at(-1) ?? "";
  const names = all.map(([path]) => path);
  const ending = names.filter((path) => stepsOf(path).at(-1) === last);
  const near = ending.length > 0 ? ending : namesLike(wanted, last, names);
  return new SlipwayError({
    code: "UNKNOWN_NAME",
    what: `there is no key ${wanted}`,
    evidence: near.slice(0, 8).map((path) => `did you mean ${path}?`),
    servesNow: NOTHING_TOUCHED,
    next: "slipway docs lists the keys",
  });
}

function namesLike(wanted: string, last: string, names: readonly string[]): string[] {
  const ends = names.filter((path) => isNear(last, stepsOf(path).at(-1) ?? ""));
  const whole = closest(wanted, names);
  return [...new Set([...(isNear(wanted, whole) ? [whole] : []), ...ends])];
}

const isNear = (written: string, name: string): boolean => distance(written, name) <= Math.max(1, Math.floor(written.length / 3));

const plain = (text: string): string => text.replaceAll("`", "");
const plainly = (text: string | undefined): string | null => (text === undefined ? null : plain(text));

/** As a terminal shows it. */
export function textOf(pages: Pages): string {
  if (pages.kind === "list") return `${[...rowsOf(pages.keys), "", "slipway docs KEY says more of one."].join("\n")}\n`;
  if (pages.kind === "error") {
    const { code, cause, look, next } = pages;
    return `${[code, "", ...wrapped(cause), "", ...wrapped(`Look at: ${look}`), ...wrapped(`Next: ${next}`)].map(plain).join("\n")}\n`;
  }
  const { key, below } = pages;
  const example = stringify(exampleOf(key)).trimEnd();
  const lines = [
    `slipway:${key.path}`,
    "",
    ...wrapped(plain(key.is)),
    "",
    ...wrapped(plain(factsOf(key))),
    "",
    ...example.split("\n").map((line) => `    ${line}`),
    ...(below.length === 0 ? [] : ["", "Below it:", ...rowsOf(below, key.path)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** As it is written in a stack's file, below the keys that it belongs to. */
function exampleOf({ path, example }: DocumentedKey): unknown {
  const [root = "", ...steps] = stepsOf(path);
  return { [`slipway:${root}`]: steps.reduceRight((inner, step) => (step === "[]" ? [inner] : { [step]: inner }), example) };
}

const factsOf = ({ takes, default: fallback, required, refused }: DocumentedKey): string =>
  [
    `Takes ${takes}.`,
    ...(required ? ["Required."] : []),
    ...(fallback === null ? [] : [`Default: ${fallback}.`]),
    ...(refused === null ? [] : [`Refused: ${refused}.`]),
  ].join(" ");

/** A key and the first sentence of what it means. */
function rowsOf(keys: readonly DocumentedKey[], above = ""): string[] {
  const names = keys.map(({ path }) => path.slice(above.length).replace(/^\./, ""));
  const width = Math.min(32, Math.max(0, ...names.map((name) => name.length)));
  return keys.map(({ is }, at) => `  ${(names[at] ?? "").padEnd(width)}  ${firstSentence(plain(is))}`);
}

const firstSentence = (text: string): string => text.split(/(?<=[.:;])\s/, 1)[0]?.replace(/[.:;]$/, "") ?? "";

const WIDTH = 100;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
