import type { Report } from "./progress.ts";

/** What sources are asked with. */
export interface Asking {
  /** The project's, which paths are relative to. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** The person at the terminal; absent: there is no terminal. */
  readonly prompts?: Prompts | undefined;
  /** Progress of what takes long. */
  readonly report: Report;
}

/** One program at a time talks with the person at the terminal. */
export class Prompts {
  #last: Promise<unknown> = Promise.resolve();
  #talking = 0;

  /** Whether a program talks or waits for its turn: progress would run into what a person types. */
  get isBusy(): boolean {
    return this.#talking > 0;
  }

  /** Waits until no other program does. */
  async alone<T>(talk: () => Promise<T>): Promise<T> {
    this.#talking++;
    const turn = this.#last.then(talk, talk).finally(() => this.#talking--);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** What one source has found. */
export interface Found {
  /** Key → value. */
  readonly values: Readonly<Record<string, string>>;
  /** Why a key has no value, where that is known. */
  readonly hints?: Readonly<Record<string, string>>;
}

/** The environment of programs that are asked: without the config of Pulumi's program, which has every secret, and its hooks into Node. */
export function toolEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PULUMI_CONFIG: _config, PULUMI_CONFIG_SECRET_KEYS: _keys, NODE_OPTIONS: options, ...rest } = env;
  const own = options?.replace(/\s*--require=(?:"[^"]*lean\.cjs"|\S*lean\.cjs)/, "").trim();
  return own ? { ...rest, NODE_OPTIONS: own } : rest;
}
