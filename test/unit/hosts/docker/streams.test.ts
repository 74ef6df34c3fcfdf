import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { printable } from "../../../../core/text.ts";
import { followLoad, followPull, jsonLines, readLines, readOutput } from "../../../../hosts/docker/streams.ts";

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

const inBytes = (buffer: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(buffer.length / size) }, (_, index) => buffer.subarray(index * size, (index + 1) * size)),
  );

it.each([1, 3, 8, 1000])("parses output that arrives in chunks of %i bytes", async (size) => {
  const output = Buffer.concat([frame(1, "out ü\n"), frame(2, "err\n"), frame(1, ""), frame(1, "more")]);
  expect(await readOutput(inBytes(output, size))).toEqual({ stdout: "out ü\nmore", stderr: "err\n" });
  expect(await readLines(inBytes(output, size))).toEqual(["out ü", "err", "more"]);
});

it("returns a terminal's output unchanged", async () => {
  expect(await readLines(Readable.from([Buffer.from("a\r\n"), Buffer.from("bcdefghijk\r\n")]))).toEqual(["a", "bcdefghijk"]);
  expect(await readLines(Readable.from([Buffer.from("hi")]))).toEqual(["hi"]);
});

it("removes control characters", () => {
  expect(printable("\u001b[31mred\u001b[0m \u001b]0;title\u0007a\u0008b\tc\u009b2J")).toBe("red ab\tc");
});

it("parses JSON lines across chunks", async () => {
  const found: unknown[] = [];
  for await (const value of jsonLines(inBytes(Buffer.from('{"a":"ü"}\r\n\n{"b":2}'), 3))) found.push(value);
  expect(found).toEqual([{ a: "ü" }, { b: 2 }]);
});

it("sums up the progress of a pull, and rejects with its error", async () => {
  const lines = [
    { status: "Pulling from x", id: "v1" },
    { status: "Downloading", id: "a", progressDetail: { current: 1, total: 10 } },
    { status: "Downloading", id: "b", progressDetail: { current: 5, total: 20 } },
    { status: "Download complete", id: "a", progressDetail: {} },
    { status: "Extracting", id: "a", progressDetail: { current: 3, total: 10 } },
  ];
  const seen: unknown[] = [];
  await followPull(Readable.from(lines.map((line) => Buffer.from(`${JSON.stringify(line)}\r\n`))), (sum) => seen.push(sum));
  expect(seen).toEqual([
    { current: 1, total: 10 },
    { current: 6, total: 30 },
    { current: 15, total: 30 },
  ]);
  const failing = Readable.from([Buffer.from('{"errorDetail":{"message":"no space"},"error":"no space left on device"}\r\n')]);
  await expect(followPull(failing, () => {})).rejects.toThrow("no space left on device");
});

it("follows a load, whose failure containerd's store reports as an ordinary line", async () => {
  const report = (line: object) => Readable.from([Buffer.from(`${JSON.stringify(line)}\r\n`)]);
  await followLoad(report({ stream: "Loaded image: shop:dev\n" }));
  await expect(followLoad(report({ error: "unexpected EOF" }))).rejects.toThrow("unexpected EOF");
  await expect(followLoad(report({ stream: "Error unpacking image shop:dev: no such layer\n" }))).rejects.toThrow(
    "no such layer",
  );
});

it("keeps the end of a long log, which has the error", async () => {
  const lines = await readLines(inBytes(frame(1, `${`${"x".repeat(99)}\n`.repeat(30_000)}fatal: the reason\n`), 64 * 1024));
  expect(lines.at(-1)).toBe("fatal: the reason");
  expect(lines.length).toBeLessThan(11_000);
});
