import { exportStack, showConfig } from "../../project/pulumi.ts";
import { askPage } from "./history-page.ts";

/** What Pulumi says of a stack. Each answer takes a process, which starts when it is first asked for; all end with this. */
export class Asked implements Disposable {
  readonly #given: string | undefined;
  readonly #folder: string;
  readonly #end = new AbortController();
  readonly #endOfShown = new AbortController();
  #exported: Promise<string> | undefined;
  #updates: Promise<string> | undefined;
  #shown: Promise<string> | undefined;

  /** @param given the stack's name on the command line; `undefined` is the selected one */
  constructor(given: string | undefined, folder: string) {
    this.#given = given;
    this.#folder = folder;
  }

  /** What `pulumi stack export` prints. */
  exported(): Promise<string> {
    this.#exported ??= expected(exportStack(this.#given, this.#folder, { signal: this.#end.signal }));
    return this.#exported;
  }

  /** The newest page of what `pulumi stack history --json --show-secrets` prints. */
  updates(): Promise<string> {
    this.#updates ??= expected(askPage(1, this.#given, this.#folder, { signal: this.#end.signal }));
    return this.#updates;
  }

  /** What `pulumi config --show-secrets --json` prints. It derives a key, which takes most of its time. */
  shown(): Promise<string> {
    const signal = AbortSignal.any([this.#end.signal, this.#endOfShown.signal]);
    this.#shown ??= expected(showConfig(this.#given, this.#folder, { signal }));
    return this.#shown;
  }

  /** Nothing of the config is secret that would be needed. */
  dropShown(): void {
    this.#endOfShown.abort();
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }
}

/** Whatever awaits it later gets the rejection; it may never be awaited. */
function expected(answer: Promise<string>): Promise<string> {
  answer.catch(() => {});
  return answer;
}
