import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

/** Writes a file that is complete or absent, with the folders above it. Refuses one that exists. */
export function writeNew(path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, content, { flag: "wx", mode });
    if (existsSync(path)) throw appeared(path);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

const appeared = (path: string): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: `${path} exists now: another program has written it meanwhile`,
    servesNow: NOTHING_TOUCHED,
    next: "run this again, when nothing else writes there",
  });
