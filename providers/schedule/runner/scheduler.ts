/** Program: runs a schedule until it is stopped. Argument: the schedule's file. Runs that were missed while it was down are not made up for. */
import { readFile } from "node:fs/promises";
import { Cron } from "croner";
import { Engine } from "./engine.ts";
import { print } from "./print.ts";
import { type Event, Runs } from "./run.ts";
import type { Schedule } from "./schedule.ts";

const [file = ""] = process.argv.slice(2);
const { name, entries } = JSON.parse(await readFile(file, "utf8")) as Schedule;
const engine = new Engine();
const log = (event: Event) => print({ at: new Date().toISOString(), ...event });

const crons = entries.map((entry) => {
  const runs = new Runs(engine, name, entry, log);
  void runs.resume();
  return new Cron(entry.cron, { timezone: entry.timezone, name: entry.name }, () => runs.once());
});

// Running containers continue; the next scheduler follows them.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));

print({
  at: new Date().toISOString(),
  event: "ready",
  pid: process.pid,
  next: Object.fromEntries(crons.map((cron) => [cron.name ?? "", cron.nextRun()?.toISOString() ?? "never"])),
});
