import { expect, it } from "vitest";
import type { Operation } from "../../../../providers/release/operation.ts";
import { boots } from "../../../../providers/release/wave.ts";

const START: Operation = { do: "start", host: "web-1", role: "web", container: "c", release: "1.4.2-ab12cd34" };
const SWITCH = { do: "switch", host: "web-1", role: "web", route: "r", to: ["c"], from: ["b"] } as const;

it.each<[string, Operation[], boolean]>([
  ["a container starts in it", [START], true],
  ["one that a killed run has started is to serve", [{ ...SWITCH, because: "release" }], true],
  ["only a route changes", [{ ...SWITCH, because: "route" }], false],
  ["a container starts in another one", [{ ...START, host: "web-2" }], false],
  ["it only stops what is retired", [{ do: "stop", host: "web-1", container: "b", id: "1", grace: 10 }], false],
])("hooks run around a wave: %s", (_what, operations, expected) => expect(boots(["web-1/web"], operations)).toBe(expected));
