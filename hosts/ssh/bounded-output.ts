import type { Bytes } from "../../core/words.ts";

/** The rest of an output is read, so that the command never blocks, and discarded. */
const LIMIT: Bytes = 1024 * 1024;

/** The beginning of an output. */
export class BoundedOutput {
  readonly #parts: Buffer[] = [];
  #size: Bytes = 0;

  add(part: Buffer): void {
    const room = LIMIT - this.#size;
    if (room <= 0) return;
    this.#parts.push(part.subarray(0, room));
    this.#size += Math.min(room, part.length);
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }
}

/** The end of an output, which has the error of what failed. */
export class OutputTail {
  readonly #limit: Bytes;
  #parts: Buffer[] = [];
  #size: Bytes = 0;

  constructor(limit: Bytes = LIMIT) {
    this.#limit = limit;
  }

  add(part: Buffer): void {
    this.#parts.push(part);
    this.#size += part.length;
    // Twice the limit, so that each byte is copied once at most.
    if (this.#size > 2 * this.#limit) this.#cut();
  }

  get text(): string {
    this.#cut();
    return Buffer.concat(this.#parts).toString("utf8");
  }

  #cut(): void {
    // A copy, so that what is cut off can be freed.
    const tail = Buffer.from(Buffer.concat(this.#parts).subarray(-this.#limit));
    this.#parts = [tail];
    this.#size = tail.length;
  }
}
