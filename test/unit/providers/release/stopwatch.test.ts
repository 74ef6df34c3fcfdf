import { expect, it } from "vitest";
import { Stopwatch } from "../../../../providers/release/stopwatch.ts";

it("says how long nothing ran and how long requests waited, the longest of each", () => {
  const watch = new Stopwatch();
  watch.serving();
  watch.outage("down", 1.2);
  watch.outage("held", 0.5);
  watch.outage("down", 0.4);
  expect(`${watch}`).toMatch(/^in 0\.0\d s, serving after 0\.0\d s, down for 1\.20 s, requests waited up to 0\.50 s$/);
});

it("says nothing of it where the new container came beside the old one", () => {
  expect(`${new Stopwatch()}`).toMatch(/^in 0\.0\d s$/);
});
