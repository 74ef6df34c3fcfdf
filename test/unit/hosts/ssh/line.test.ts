import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { roomOn } from "../../../../hosts/ssh/line.ts";

/** A line that passes nothing on until it is read. */
const aLine = (waiting: number): PassThrough => {
  const line = new PassThrough({ highWaterMark: 1024 });
  line.write(Buffer.alloc(waiting));
  line.write(Buffer.alloc(waiting));
  return line;
};

async function isOver(wait: Promise<void> | undefined): Promise<boolean> {
  let over = false;
  void wait?.then(() => {
    over = true;
  });
  await turn();
  await turn();
  return over;
}

describe("data for a connection", () => {
  it("does not wait while little is before it", () => {
    expect(roomOn(aLine(1000))).toBeUndefined();
    expect(roomOn(undefined)).toBeUndefined();
  });

  it("waits until what is before it has gone, however many wait", async () => {
    const line = aLine(1024 * 1024);
    const waits = Array.from({ length: 50 }, () => roomOn(line));
    expect(await isOver(waits[0])).toBe(false);
    expect(line.listenerCount("drain")).toBe(1);
    line.resume();
    await Promise.all(waits);
    expect(roomOn(line)).toBeUndefined();
    expect(line.listenerCount("drain")).toBe(0);
  });

  it("does not wait for a connection that is closed", async () => {
    const line = aLine(1024 * 1024);
    const wait = roomOn(line);
    line.destroy();
    await wait;
    expect(roomOn(line)).toBeUndefined();
  });
});
