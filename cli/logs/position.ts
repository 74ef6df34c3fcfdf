import type { LogLine } from "../../hosts/index.ts";

/** How far the log of one container was read, so that reading it again continues there: no line twice, none left out. */
export class Position {
  #at: string | undefined;
  /** How many lines with that time were read: several may have the same. */
  #read = 0;

  /** The time of the last line; `undefined` before the first line. */
  get since(): string | undefined {
    return this.#at;
  }

  /** For a new reading that starts at `since`: whether each line is new. It advances the position. */
  reading(): (line: Pick<LogLine, "at">) => boolean {
    const [from, known] = [this.#at ?? "", this.#read];
    let again = 0;
    return ({ at }) => {
      if (at < from) return false;
      if (at === from) {
        again += 1;
        if (again <= known) return false;
      }
      this.#read = at === this.#at ? this.#read + 1 : 1;
      this.#at = at;
      return true;
    };
  }
}
