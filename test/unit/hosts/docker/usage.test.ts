import { expect, it } from "vitest";
import { Usage } from "../../../../hosts/docker/answers.ts";

it("is the memory without page cache that can be dropped, in both versions of cgroups", () => {
  expect(Usage.parse({ memory_stats: { usage: 300, stats: { inactive_file: 100 } } })).toEqual({ memory: 200 });
  expect(Usage.parse({ memory_stats: { usage: 300, stats: { total_inactive_file: 50 } } })).toEqual({ memory: 250 });
});

it("is unknown of a container that does not run, and where the kernel does not count", () => {
  expect(Usage.parse({ memory_stats: {} })).toEqual({ memory: undefined });
  expect(Usage.parse({})).toEqual({ memory: undefined });
});
