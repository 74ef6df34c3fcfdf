import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Journal } from "./journal.ts";
import type { SwappedData } from "./swap-spec.ts";
import type { Swap } from "./swapping.ts";

const run = promisify(execFile);

/**
 * The content of the volumes of a stopped container. They are different places, so it is copied: what is there goes aside as a whole before
 * any of it is deleted, and what was loaded stays until all of it is in place. So each part can be done again, and either content is whole
 * somewhere at any moment.
 */
export function filesSwap({ folder, aside, stage }: Extract<SwappedData, { kind: "files" }>, journal: Journal): Swap {
  const parts = async () => (await readdir(folder)).sort();
  // One after the other: what is still on its way when another one fails would delete what is put back.
  const empty = async (of: string): Promise<void> => {
    for (const name of await readdir(of)) await rm(join(of, name), { recursive: true, force: true });
  };
  const replace = async (to: string, from: string): Promise<void> => {
    await empty(to);
    // Owners, modes, times and links, as no call of Node.js copies them.
    if (existsSync(from)) await run("cp", ["-a", "--", `${from}/.`, `${to}/`]);
  };
  return {
    async forward() {
      if (!journal.has("aside")) {
        for (const part of await parts()) await replace(join(aside, part), join(folder, part));
        await run("sync");
        await journal.write("aside");
      }
      for (const part of await parts()) await replace(join(folder, part), join(stage, part));
      await run("sync");
    },
    async back() {
      // Before that, nothing of it was deleted.
      if (!journal.has("aside")) return;
      for (const part of await parts()) await replace(join(folder, part), join(aside, part));
      await run("sync");
    },
    clean: () => empty(stage),
  };
}
