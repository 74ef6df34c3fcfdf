import { expect, it } from "vitest";
import {
  finishesBy,
  finishingName,
  isStoppedByCommand,
  isTakenOut,
  plainName,
  restartingName,
  stoppedName,
  stoppingName,
} from "../../../../providers/release/taken-out.ts";

const NAME = "shop-worker-production-1.4.1-77aa01ef.2";
const UNTIL = new Date("2026-11-30T11:45:00.250Z");

it("says in the name until when a container may finish, and gives both back", () => {
  const name = finishingName(NAME, UNTIL);
  expect(name).toBe(`${NAME}.finishing-until-20261130T114500Z`);
  expect(finishesBy(name)?.toISOString()).toBe("2026-11-30T11:45:00.000Z");
  expect(plainName(name)).toBe(NAME);
});

it("replaces one mark by the other, and knows what has none", () => {
  expect(finishingName(stoppingName(NAME), UNTIL)).toBe(finishingName(NAME, UNTIL));
  expect(stoppingName(finishingName(NAME, UNTIL))).toBe(`${NAME}.stopping`);
  expect([NAME, stoppingName(NAME), finishingName(NAME, UNTIL)].map((name) => isTakenOut({ name }))).toEqual([false, true, true]);
  expect([NAME, stoppingName(NAME)].map(finishesBy)).toEqual([undefined, undefined]);
});

it("knows what a command of a person has marked", () => {
  expect([restartingName(NAME), stoppedName(stoppingName(NAME))].map(plainName)).toEqual([NAME, NAME]);
  expect([restartingName(NAME), stoppedName(NAME)].map((name) => isTakenOut({ name }))).toEqual([true, true]);
  expect(isStoppedByCommand({ name: stoppedName(NAME), running: false })).toBe(true);
  // Started by hand since: it is no more stopped.
  expect(isStoppedByCommand({ name: stoppedName(NAME), running: true })).toBe(false);
  expect(isStoppedByCommand({ name: stoppingName(NAME), running: false })).toBe(false);
});
