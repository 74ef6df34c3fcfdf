import { existsSync } from "node:fs";
import { chown, copyFile, link, lstat, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { flush } from "./durable.ts";
import type { Journal } from "./journal.ts";
import type { SwappedData } from "./swap-spec.ts";
import type { Swap } from "./swapping.ts";

/** What a server reads at its start. */
const NAMES = ["dump.rdb", "appendonly.aof", "appendonlydir"] as const;
const BASE = "appendonly.aof.1.base.rdb";
const MANIFEST = `file ${BASE} seq 1 type b\n`;

/**
 * The data folder of a stopped Redis or Valkey. First what is new is made ready as a whole, then names change one by one: what is there goes
 * aside, then what is new gets its names. Which of them have changed is seen in the folder, so that the rest or the way back follows from it.
 *
 * A server that keeps a log of its changes does not read dump.rdb at its start: it gets the snapshot as the base of that log, in the form
 * that its version writes.
 */
export function redisSwap({ folder, stamp }: Extract<SwappedData, { kind: "redis" }>, journal: Journal): Swap {
  const at = (name: string) => join(folder, name);
  const snapshot = at(`.restore-${stamp}`);
  const stage = at(`.restore-${stamp}-new`);
  const staged = (name: string) => join(stage, name);
  const before = (name: string) => at(`${name}.before-${stamp}`);

  /** What is there before anything changes its name. */
  async function prepared(): Promise<string[]> {
    const known = await journal.read(NAMES_THERE);
    if (known !== undefined) return JSON.parse(known) as string[];
    const there = NAMES.filter((name) => existsSync(at(name)));
    await rm(stage, { recursive: true, force: true });
    await mkdir(stage);
    await share(snapshot, staged("dump.rdb"));
    if (there.includes("appendonlydir")) {
      await mkdir(staged("appendonlydir"));
      await share(snapshot, join(staged("appendonlydir"), BASE));
      await writeFile(join(staged("appendonlydir"), "appendonly.aof.manifest"), MANIFEST);
    }
    // The server writes into this one.
    if (there.includes("appendonly.aof")) await copyFile(snapshot, staged("appendonly.aof"));
    const { uid, gid } = await stat(folder);
    await settle(stage, { uid, gid });
    await journal.write(NAMES_THERE, JSON.stringify(there));
    return there;
  }

  return {
    async forward() {
      const there = await prepared();
      for (const name of there) if (!existsSync(before(name))) await rename(at(name), before(name));
      await flush(folder);
      for (const name of NAMES) if (existsSync(staged(name))) await rename(staged(name), at(name));
      await flush(folder);
    },
    async back() {
      const known = await journal.read(NAMES_THERE);
      if (known === undefined) return;
      const there = JSON.parse(known) as string[];
      await mkdir(stage, { recursive: true });
      for (const name of NAMES) {
        const isOld = there.includes(name) && !existsSync(before(name));
        // Not deleted: that takes more than one step, and the server may have written to it.
        if (!isOld && existsSync(at(name))) await rename(at(name), staged(`${name}.refused`));
        if (existsSync(before(name))) await rename(before(name), at(name));
      }
      await flush(folder);
    },
    async clean() {
      await rm(stage, { recursive: true, force: true });
      await rm(snapshot, { force: true });
    },
  };
}

const NAMES_THERE = "names";

/** Without a copy where the file system can: the server replaces these files, and never writes into them. */
async function share(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** Gives all of it to the owner, and has it on the disk. */
async function settle(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  await chown(path, owner.uid, owner.gid);
  if ((await lstat(path)).isDirectory()) for (const name of await readdir(path)) await settle(join(path, name), owner);
  await flush(path);
}
