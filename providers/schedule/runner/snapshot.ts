import { Transform } from "node:stream";

/** How many bytes end a snapshot that the server sends without writing it to its disk first. */
const MARK = 40;
/** What ends the snapshot itself: an opcode and a checksum. */
const END = 9;
const END_OPCODE = 0xff;

/**
 * Takes away the mark that `redis-cli --rdb -` leaves behind the snapshot (into a file it does not): Redis minds it where the
 * snapshot is the base of a log of changes.
 */
export function withoutMark(): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([held, chunk]);
      const sure = Math.max(0, all.length - MARK - END);
      held = all.subarray(sure);
      done(null, all.subarray(0, sure));
    },
    flush(done) {
      const isMarked = held.length === MARK + END && held[0] === END_OPCODE && /^[0-9a-f]+$/.test(held.toString("latin1", END));
      done(null, isMarked ? held.subarray(0, END) : held);
    },
  });
}
