import type { LogLine } from "../../hosts/index.ts";

/** How far the log of one container was read, so that reading it again goes on there: nothing twice, nothing left out. */
export class Position {
  #at: string | undefined;
  /** Lines can have the same time: so many of the last one were read. */
  #read = 0;

  /** From here on, itself included; `undefined` before the first line. */
  get since(): string | undefined {
    return this.#at;
  }

  /** Tells of each line of a new reading that starts at `since` whether it is new, and moves on. */
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
