import { StringDecoder } from "node:string_decoder";
import type { Sink } from "./copy.ts";

/** A sink that writes complete lines, each with a name in front, so that several hosts can share one output. */
export function linesTo(out: NodeJS.WritableStream, name: string): Sink {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    write: (data) => {
      const lines = (rest + decoder.write(data)).split("\n");
      rest = lines.pop() ?? "";
      return lines.length === 0 || out.write(lines.map((line) => `${name} | ${line}\n`).join(""));
    },
    once: (event, listener) => out.once(event, listener),
    flush: () => {
      const last = rest + decoder.end();
      if (last !== "") out.write(`${name} | ${last}\n`);
      rest = "";
    },
  };
}
