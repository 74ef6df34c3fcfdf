import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseValues, type StackValues } from "../../project/config-values.ts";
import { EXPECTED_CONFIG } from "../../project/expected-config.ts";
import { showConfig } from "../../project/pulumi.ts";
import type { Released } from "../stack/release-history.ts";
import { type Change, misread } from "./changes.ts";
import type { ConfigFile } from "./config-file.ts";
import type { Past } from "./past.ts";
import { openRestoration, type Restoration } from "./restoration.ts";
import { seal } from "./seal.ts";

/** One rollback: its target, and what it makes of the stack's file. */
export class Rollback {
  readonly target: Released;
  readonly past: Past;
  readonly file: ConfigFile;
  readonly #restoration: Restoration;

  constructor(target: Released, past: Past, restoration: Restoration, file: ConfigFile) {
    this.target = target;
    this.past = past;
    this.file = file;
    this.#restoration = restoration;
  }

  get changes(): readonly Change[] {
    return this.#restoration.changes;
  }

  /** The config to be, secrets as the file has them, unless one of them changes. */
  get wanted(): StackValues {
    return this.#restoration.wanted;
  }

  /** The same with all secrets in plain text. */
  async opened(): Promise<Restoration> {
    const isOpen = this.#restoration.hash === undefined;
    return isOpen ? this.#restoration : openRestoration(this.target, this.past);
  }

  /** What a run of the engine needs to refuse a config that it reads differently, before it declares anything. */
  get env(): NodeJS.ProcessEnv {
    const { hash } = this.#restoration;
    return hash === undefined ? {} : { [EXPECTED_CONFIG]: hash };
  }

  /** Writes the config into the file. */
  async write(): Promise<void> {
    const { given, folder } = this.past;
    await this.file.write(this.changes, this.target.release, (value, text) => seal(value, text, given, folder));
    if (this.changes.length > 0 && this.#restoration.hash === undefined) await this.#requireRead();
  }

  /** Compares what Pulumi reads from the file, by its own rules, with what it should. */
  async #requireRead(): Promise<void> {
    const { given, folder } = this.past;
    const differs = misread(this.wanted, parseValues(await showConfig(given, folder)));
    if (differs.length === 0) return;
    throw new SlipwayError({
      code: "STACK_CONFIG_ELSEWHERE",
      what: `${this.file.path} cannot be edited so that Pulumi reads the config of ${this.target.release} from it`,
      evidence: differs.map((key) => `Pulumi reads a different value of ${key}`),
      servesNow: NOTHING_TOUCHED,
      next: "restore the file from version control, and run slipway deploy",
    });
  }
}
