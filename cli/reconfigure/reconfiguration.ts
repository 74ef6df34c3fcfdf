import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ReleasedImages } from "../../core/release/named-image.ts";
import { parseValues, type StackValues } from "../../project/config-values.ts";
import { EXPECTED_CONFIG } from "../../project/expected-config.ts";
import { showConfig } from "../../project/pulumi.ts";
import type { Kept } from "../stack/checkpoint.ts";
import type { Writer } from "../stack/rollback-journal.ts";
import { type Change, misread } from "./changes.ts";
import { ConfigFile } from "./config-file.ts";
import { openRewriting, type Recipe, type Rewriting, rewritingBy } from "./rewriting.ts";
import { seal } from "./seal.ts";
import type { Target } from "./target.ts";

/** What a command writes the config for. */
export interface Purpose {
  readonly by: Writer;
  /** What is to be released: an id or a version. */
  readonly what: string;
  /** Its images by digest, as a release has them. */
  readonly images: ReleasedImages;
  /** The question before it is released: `Release 1.4.1-77aa01ef again?` */
  readonly question: string;
  /** What to do where its image is neither on the hosts nor on this machine. */
  readonly withoutImage: string;
  /** Whether a state has it released. */
  readonly isIn: (release: Kept) => boolean;
}

/** A change of a stack's config by a command, and the release that follows from it. */
export class Reconfiguration {
  readonly purpose: Purpose;
  readonly target: Target;
  readonly file: ConfigFile;
  readonly #recipe: Recipe;
  readonly #rewriting: Rewriting;

  private constructor(purpose: Purpose, target: Target, recipe: Recipe, rewriting: Rewriting, file: ConfigFile) {
    this.purpose = purpose;
    this.target = target;
    this.file = file;
    this.#recipe = recipe;
    this.#rewriting = rewriting;
  }

  /** Reads what is needed; writes nothing. @param path of the stack's file, as it is shown */
  static async of(purpose: Purpose, target: Target, recipe: Recipe, path: string): Promise<Reconfiguration> {
    const rewriting = await rewritingBy(recipe, target);
    return new Reconfiguration(purpose, target, recipe, rewriting, await ConfigFile.open(path, target.folder));
  }

  get changes(): readonly Change[] {
    return this.#rewriting.changes;
  }

  /** The config to be, secrets as the file has them, unless one of them changes. */
  get wanted(): StackValues {
    return this.#rewriting.wanted;
  }

  /** The same with all secrets in plain text. */
  async opened(): Promise<Rewriting> {
    const isOpen = this.#rewriting.hash === undefined;
    return isOpen ? this.#rewriting : openRewriting(this.#recipe, this.target);
  }

  /** What a run of the engine needs to refuse a config that it reads differently, before it declares anything. */
  get env(): NodeJS.ProcessEnv {
    const { hash } = this.#rewriting;
    return hash === undefined ? {} : { [EXPECTED_CONFIG]: hash };
  }

  /** Writes the config into the file. */
  async write(): Promise<void> {
    const { given, folder } = this.target;
    await this.file.write(this.changes, this.purpose, (value, text) => seal(value, text, given, folder));
    if (this.changes.length > 0 && this.#rewriting.hash === undefined) await this.#requireRead();
  }

  /** Compares what Pulumi reads from the file, by its own rules, with what it should. */
  async #requireRead(): Promise<void> {
    const { given, folder } = this.target;
    const differs = misread(this.wanted, parseValues(await showConfig(given, folder)));
    if (differs.length === 0) return;
    throw new SlipwayError({
      code: "STACK_CONFIG_ELSEWHERE",
      what: `${this.file.path} cannot be edited so that Pulumi reads the config of ${this.purpose.what} from it`,
      evidence: differs.map((key) => `Pulumi reads a different value of ${key}`),
      servesNow: NOTHING_TOUCHED,
      next: "restore the file from version control, and run slipway deploy",
    });
  }
}
