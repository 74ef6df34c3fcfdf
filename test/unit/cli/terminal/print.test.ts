import { expect, it } from "vitest";
import { screenText } from "../../../../cli/terminal/print.ts";

it("a screen keeps our colours and nothing else that acts on a terminal", () => {
  const red = "\u001b[31mstopped\u001b[39m";
  const label = "\u001b]52;c;ZXZpbA==\u0007shop\u001b[2J\u009b1A\u202e\r";
  expect(screenText(`web-1  ${red}  ${label}\n`)).toBe(`web-1  ${red}  shop\n`);
});
