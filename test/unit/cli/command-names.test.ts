import { expect, it } from "vitest";
import { program } from "../../../cli/program.ts";
import { COMMAND_NAMES } from "../../../core/command-names.ts";

it("the names that no alias may have are those of the commands", async () => {
  const { commands } = await program([]);
  expect([...COMMAND_NAMES].sort()).toEqual([...commands.map((command) => command.name()), "help"].sort());
});
