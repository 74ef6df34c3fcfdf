import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { configHash } from "../../core/config-hash.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { isMap } from "../../core/values.ts";
import { parseValues, type StackValues } from "../../project/config-values.ts";
import { plainScalars } from "../../project/plain-scalars.ts";
import { stackFile } from "../../project/project.ts";
import { hasSealed, sealedValues } from "../stack/sealed-values.ts";
import { type Change, changesTo, misread } from "./changes.ts";
import { inConfig } from "./config-file.ts";
import type { Target } from "./target.ts";
import { edit } from "./yaml-edit.ts";

/** What turns the config of now into another one. */
export interface Rewriting {
  readonly changes: readonly Change[];
  /** What Pulumi has to read once they are written. */
  readonly wanted: StackValues;
  /** Its hash, if no secret changes: then the run itself compares what it reads. Otherwise Pulumi is asked after the file is written. */
  readonly hash?: string;
}

/** The config to be, from that of now. */
export type Rewrite = (now: StackValues) => StackValues;

/** How the config to be is made from that of now. */
export interface Recipe {
  /** With secrets as the file has them; `undefined` where these are not known. */
  readonly sealed: () => Promise<Rewrite | undefined>;
  /** With secrets in plain text. */
  readonly open: () => Promise<Rewrite>;
}

type Written = Readonly<Record<string, unknown>>;

/**
 * Mostly no secret changes. Then the values are compared as the file has them, without a process that decrypts them: it derives a key, which
 * takes longer than all the rest.
 */
export async function rewritingBy(recipe: Recipe, target: Target): Promise<Rewriting> {
  const written = await stackFile(target.project, target.stack);
  if (written === undefined) throw elsewhere();
  return (await withoutKey(recipe, target, written)) ?? withKey(recipe, target, written);
}

/** The same with all secrets in plain text. */
export async function openRewriting(recipe: Recipe, target: Target): Promise<Rewriting> {
  return withKey(recipe, target, (await stackFile(target.project, target.stack)) ?? {});
}

async function withKey(recipe: Recipe, target: Target, written: Written): Promise<Rewriting> {
  const [rewrite, now] = await Promise.all([recipe.open(), target.shown().then(parseValues)]);
  const wanted = rewrite(now);
  return { changes: changesTo(wanted, now, written), wanted };
}

/** From encrypted values; `undefined` where these do not say everything. */
async function withoutKey(recipe: Recipe, { filePath }: Target, written: Written): Promise<Rewriting | undefined> {
  const text = await readFile(filePath, "utf8");
  if (isDoubtful(written, text)) return undefined;
  const rewrite = await recipe.sealed();
  if (rewrite === undefined) return undefined;
  const now = sealedValues(written);
  const wanted = rewrite(now);
  const changes = changesTo(wanted, now, written);
  if (changes.some(isSecret)) return undefined;
  const read = sealedValues(configIn(edit(text, changes.map(inConfig), filePath)));
  return misread(wanted, read).length > 0 ? undefined : { changes, wanted, hash: hashOf(read) };
}

/** Whether it cannot be said without a key what a change is. */
export const isSecret = ({ secret, to }: Change): boolean => secret || hasSealed(to);

/** Whether Pulumi may read something else from a file than what is parsed here, or may not know the names in what is secret. */
const isDoubtful = (written: Written, text: string): boolean =>
  plainScalars(text).length > 0 ||
  // A time for Pulumi's parser.
  /\b\d{4}-\d{1,2}-\d{1,2}\b/.test(text) ||
  Object.entries(written).some(
    ([key, value]) => key.startsWith("slipway:") && (value === null || (isMap(value) && "secure" in value)),
  );

function configIn(text: string): Written {
  const file: unknown = parse(text);
  return isMap(file) && isMap(file.config) ? file.config : {};
}

const hashOf = (values: StackValues): string =>
  configHash(Object.fromEntries(Object.entries(values).map(([key, { value = "", secret }]) => [key, { text: value, secret }])));

const elsewhere = (): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "the stack's file does not contain all of its config (some is in Pulumi.yaml or an environment), so this command cannot change it",
    servesNow: NOTHING_TOUCHED,
    next: "make the change where the value is set, or restore it from version control, and run slipway deploy",
  });
