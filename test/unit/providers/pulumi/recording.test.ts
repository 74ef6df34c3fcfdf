import { describe, expect, it } from "vitest";
import { freezeIn } from "../../../../core/despite-freeze.ts";
import { SlipwayError } from "../../../../core/error.ts";
import { failureFor, recordingOf, thingIn } from "../../../../providers/pulumi/recording.ts";

const TYPE = "slipway:Deployment$pulumi-nodejs:dynamic/slipway";

describe("what a host's journal says of a run", () => {
  it.each([
    [`urn:pulumi:production::shop::${TYPE}:Release::shop`, "release shop"],
    [`urn:pulumi:production::shop::${TYPE}:DockerEngine::web-1`, "docker engine web-1"],
    ["", "resource"],
  ])("is the noun and the name of %s", (urn, thing) => {
    expect(thingIn(urn)).toBe(thing);
  });

  it("begins with the command as it was typed, and names a removal", () => {
    const asked = { urn: `urn:pulumi:production::shop::${TYPE}:Accessory::db`, hide: (text: string) => text };
    const deploy = recordingOf({ ...asked, act: "converge", env: { SLIPWAY_COMMAND: "slipway deploy" } });
    expect(`${deploy.command}: ${deploy.what}`).toBe("slipway deploy: accessory db");
    const destroy = recordingOf({ ...asked, act: "withdraw", env: {} });
    expect(`${destroy.command}: ${destroy.what}`).toBe("pulumi: remove accessory db");
  });

  it("has the reason of a failure in one line, with its code and without secrets", () => {
    const hide = (text: string) => text.replaceAll("hunter2", "[secret]");
    const error = new SlipwayError({ code: "RELEASE_FAILED", what: "exited: hunter2", servesNow: "a", next: "b" });
    expect(failureFor(error, hide)).toBe("failed: exited: [secret] (RELEASE_FAILED)");
    expect(failureFor(new Error("one hunter2\ntwo"), hide)).toBe("failed: one [secret]");
  });
});

it.each([
  [undefined, "obey"],
  ["", "obey"],
  ["0", "obey"],
  ["false", "obey"],
  ["1", "pass"],
])("takes SLIPWAY_DESPITE_FREEZE=%s for: %s", (value, freeze) => {
  expect(freezeIn({ SLIPWAY_DESPITE_FREEZE: value })).toBe(freeze);
});
