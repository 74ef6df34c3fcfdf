import { expect, it } from "vitest";
import { leavesStops } from "../../../../hosts/docker/leaves-stops.ts";

it.each([
  ["20.10.24+dfsg1", true],
  ["22.06.0", true],
  ["23.0.0", false],
  ["23.0.6", false],
  ["24.0.2", false],
  ["24.0.3", true],
  ["24.0.7-0ubuntu4", true],
  ["26.1.5+dfsg1", true],
  ["29.1.0", true],
])("Docker %s goes on with a stop whose client has gone: %s", (version, goesOn) => expect(leavesStops(version)).toBe(goesOn));
