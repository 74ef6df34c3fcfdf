import { randomBytes } from "node:crypto";
import type { Bytes } from "../../core/words.ts";
import { BoundedOutput, OutputTail } from "./bounded-output.ts";
import { quote } from "./quote.ts";

/** A command as sshd passes it to the user's login shell. */
export interface RemoteCommand {
  readonly line: string;
  /** A line of its own on both outputs, just before the command's own output. It does not occur in `line`. */
  readonly marker: string;
}

/** Printable ASCII has the same meaning within single quotes of sh, csh and fish, except for these. */
const READ_DIFFERENTLY = /[^\x20-\x7e]|['\\!^]/gu;

/**
 * The line works in any login shell that runs commands at all (sh, bash, zsh, csh, fish): what these read differently reaches `sh` as
 * octal numbers. The marker separates the command's output from what the shell's start files print. Messages are in English, whatever
 * the user's locale, since some are read.
 */
export function remoteCommand(argv: readonly string[]): RemoteCommand {
  const marker = `slipway-${randomBytes(8).toString("hex")}`;
  const halves = [marker.slice(0, 12), marker.slice(12)].join("''");
  const script = `echo ${halves}; echo ${halves} >&2; export LC_ALL=C; exec ${quote(argv)}`;
  return { marker, line: `exec sh -c 'eval "$(printf %b "$0")"' '${script.replace(READ_DIFFERENTLY, octal)}'` };
}

/** As `printf %b` reads it. */
const octal = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");

/** Of a shell that prints without end, only the beginning is kept. */
const BEFORE_LIMIT: Bytes = 4096;

/** An output of a remote command, bounded, from its marker on. */
export class MarkedOutput {
  readonly #marker: Buffer;
  readonly #after: BoundedOutput | OutputTail;
  #before: Buffer = Buffer.alloc(0);
  /** The end of what came so far: the marker may be cut in two. */
  #tail: Buffer = Buffer.alloc(0);
  #found = false;

  /** @param keep which part of it, if it is too long */
  constructor(marker: string, keep: "beginning" | "end" = "beginning") {
    this.#after = keep === "end" ? new OutputTail() : new BoundedOutput();
    this.#marker = Buffer.from(`${marker}\n`);
  }

  /** @returns what of `part` comes after the marker, if anything */
  add(part: Buffer): Buffer | undefined {
    if (this.#found) {
      this.#after.add(part);
      return part;
    }
    const seen = Buffer.concat([this.#tail, part]);
    const at = seen.indexOf(this.#marker);
    if (at >= 0) {
      this.#found = true;
      return this.add(seen.subarray(at + this.#marker.length));
    }
    this.#tail = seen.subarray(Math.max(0, seen.length - this.#marker.length + 1));
    this.#before = Buffer.concat([this.#before, part.subarray(0, BEFORE_LIMIT - this.#before.length)]);
    return undefined;
  }

  /** The command's own output; `undefined` if the command was not started. */
  get text(): string | undefined {
    return this.#found ? this.#after.text : undefined;
  }

  /** What came before the marker. */
  get before(): string {
    return this.#before.toString("utf8");
  }
}
