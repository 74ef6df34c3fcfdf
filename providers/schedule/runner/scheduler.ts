/** Program: does what a schedule says, for as long as it lives. Argument: the schedule's file. What it missed while it was down stays undone. */
import { readFile } from "node:fs/promises";
import { Cron } from "croner";
import { Engine } from "./engine.ts";
import { tell } from "./print.ts";
import { type Event, Runs } from "./run.ts";
import type { Schedule } from "./schedule.ts";

const [file = ""] = process.argv.slice(2);
const { name, entries } = JSON.parse(await readFile(file, "utf8")) as Schedule;
const engine = new Engine();
const log = (event: Event) => tell({ at: new Date().toISOString(), ...event });

const crons = entries.map((entry) => {
  const runs = new Runs(engine, name, entry, log);
  void runs.resume();
  return new Cron(entry.cron, { timezone: entry.timezone, name: entry.name }, () => runs.once());
});

// What runs goes on by itself, and the next scheduler finds it.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));

tell({
  ...{ at: new Date().toISOString(), event: "ready", pid: process.pid },
  next: Object.fromEntries(crons.map((cron) => [cron.name ?? "", cron.nextRun()?.toISOString() ?? "never"])),
});
