import { expect, it } from "vitest";
import { EXIT_CODES } from "../../../cli/exit-codes.ts";
import { COMMANDS } from "../../../cli/program.ts";

it("are documented for each command, the one of a failure included", () => {
  expect(Object.keys(EXIT_CODES).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
  for (const { name, failed, inside = {} } of COMMANDS)
    for (const code of [0, failed, ...Object.values(inside)])
      expect(EXIT_CODES[name], `${name} ${code}`).toHaveProperty(String(code));
});
