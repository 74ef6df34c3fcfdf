import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { Deadline } from "../core/deadline.ts";
import { isRunning } from "../core/is-running.ts";
import type { Seconds } from "../core/words.ts";
import { folder } from "./state.ts";

const WAIT: Seconds = 900;

/** Runs `work` while no other live process of this machine has the lock: that of the whole lab, or one of its own. */
export async function alone<T>(work: () => Promise<T>, lock = "lock"): Promise<T> {
  const file = `${await folder("run")}/${lock}`;
  // one per call: several calls of one process can wait
  const mine = `${file}.${process.pid}.${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  const take = async () => {
    // a link appears with its content, so that the lock of a killed process has its pid
    if (await link(mine, file).then(...yesOrNo)) return true as const;
    const holder = Number(await readFile(file, "utf8").catch(() => ""));
    if (holder > 0 && !isRunning(holder)) await rm(file, { force: true });
    return undefined;
  };
  try {
    await Deadline.in(WAIT).until(take, () => new Error(`another process of the lab is at work; see ${file}`));
  } finally {
    await rm(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

const yesOrNo = [() => true, () => false] as const;
