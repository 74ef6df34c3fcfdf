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
