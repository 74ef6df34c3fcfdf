import { Transform } from "node:stream";

/** Length of the random trailer after a snapshot that the server streams without writing it to its disk first. */
const TRAILER = 40;
/** Length of the snapshot's own end: an opcode and a checksum. */
const END = 9;
const END_OPCODE = 0xff;

/**
 * Removes the trailer that `redis-cli --rdb -` leaves after the snapshot on standard output (not in a file): Redis refuses it when the
 * snapshot is the base of an append-only file.
 */
export function withoutTrailer(): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([held, chunk]);
      const sure = Math.max(0, all.length - TRAILER - END);
      held = all.subarray(sure);
      done(null, all.subarray(0, sure));
    },
    flush(done) {
      const hasTrailer =
        held.length === TRAILER + END && held[0] === END_OPCODE && /^[0-9a-f]+$/.test(held.toString("latin1", END));
      done(null, hasTrailer ? held.subarray(0, END) : held);
    },
  });
}
