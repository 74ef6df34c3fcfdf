import { StringDecoder } from "node:string_decoder";
import type { Bytes } from "../../../core/words.ts";

/** A longer line is passed on in parts. */
const LONGEST: Bytes = 8 * 1024;

/** Makes whole lines of the parts in which an output arrives. */
export class Lines {
  readonly #heard: (lines: readonly string[]) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(heard: (lines: readonly string[]) => void) {
    this.#heard = heard;
  }

  add(part: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(part)).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LONGEST) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    if (lines.length > 0) this.#heard(lines);
  }

  /** The last line may have no end. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest !== "") this.#heard([rest]);
  }
}
