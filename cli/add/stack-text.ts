import { parse } from "yaml";
import { type Config, type Problem, type ReadConfig, readConfig } from "../../config/index.ts";
import { isMap } from "../../core/values.ts";
import { writtenText } from "../../project/config-values.ts";
import { plainScalars } from "../../project/plain-scalars.ts";

/** The text of a stack's file, and what Slipway reads in it. */
export class StackText {
  readonly text: string;
  /** The values below `config:`, aliases and merge keys replaced by what they mean. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly #read: ReadConfig;

  /**
   * @param stack its short name
   * @param root the project's folder
   */
  constructor(text: string, stack: string, root: string) {
    this.text = text;
    const file: unknown = parse(text, { merge: true });
    this.written = isMap(file) && isMap(file.config) ? file.config : {};
    const own = Object.entries(this.written).filter(([key]) => key.startsWith("slipway:"));
    this.#read = readConfig({
      values: Object.fromEntries(own.map(([key, value]) => [key, writtenText(opened(value)) ?? ""])),
      secretKeys: new Set(own.flatMap(([key, value]) => (hasSecure(value) ? [key] : []))),
      stack,
      file: `Pulumi.${stack}.yaml`,
      plain: plainScalars(text),
      root,
    });
  }

  /** One of Slipway's keys, as it is written. */
  at(key: string): unknown {
    return this.written[`slipway:${key}`];
  }

  /** With defaults; what is refused in it has any value. */
  get config(): Config {
    return this.#read.config();
  }

  get problems(): readonly Problem[] {
    return this.#read.problems;
  }
}

/** What a secret is taken for, whose value is not needed. */
const STAND_IN = "unknown";

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (!isMap(value)) return value;
  if ("secure" in value) return STAND_IN;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

function hasSecure(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSecure);
  return isMap(value) && ("secure" in value || Object.values(value).some(hasSecure));
}
