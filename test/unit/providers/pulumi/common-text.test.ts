import { describe, expect, it } from "vitest";
import { commonText } from "../../../../providers/pulumi/common-text.ts";

const LATER = "(known after this run)";

describe("what two plans have in common", () => {
  it.each([
    ["all of it", "web-1  start a · stop b", "web-1  start a · stop b", "web-1  start a · stop b"],
    [
      "a step but for a number",
      "start a · stop b (≤ 1 s to finish)",
      "start a · stop b (≤ 2 s to finish)",
      `start a · stop b (≤ ${LATER} s to finish)`,
    ],
    [
      "the steps beside one that only one of them has",
      "start a · start b · stop c",
      "start a · stop c",
      `start a · ${LATER} · stop c`,
    ],
    ["the last step", "hold a · stop c", "start a · run b · stop c", `${LATER} · stop c`],
    ["the column beside", "web-1  start a   gap 0 s", "web-1  start a   down while nothing runs", `web-1  start a   ${LATER}`],
    [
      "the lines around one",
      "release\n  web-1  start a\n  in 2 waves",
      "release\n  in 2 waves",
      `release\n  ${LATER}\n  in 2 waves`,
    ],
    [
      "the lines before one",
      "release\n  web-1  start a",
      "release\n  web-1  start a\n  in 2 waves",
      `release\n  web-1  start a\n  ${LATER}`,
    ],
    ["nothing", "release 1", "accessory 2", LATER],
    ["an image that is not known", "pull known-after-this-run", "pull known-after-this-run", `pull ${LATER}`],
  ])("is %s", (_, one, other, both) => {
    expect(commonText(one, other)).toBe(both);
    expect(commonText(other, one)).toBe(both);
  });
});
