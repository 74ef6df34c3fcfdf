import { describe, expect, it } from "vitest";
import { read } from "../fixture.ts";
import { describeRefusals, web } from "../refusals.ts";

const command = (cmd: string) => read(web({ cmd })).roles[0]?.command;

describe("a command is split as a shell splits it", () => {
  it.each<[string, string[]]>([
    ["bin/jobs \\\n  --queues default\n", ["bin/jobs", "--queues", "default"]],
    ["bin/jo\\\nbs", ["bin/jobs"]],
    ['sh -c "a \\\n b"', ["sh", "-c", "a  b"]],
    ["sh -c 'a \\\n b'", ["sh", "-c", "a \\\n b"]],
    ["sh -c 'a\nb'", ["sh", "-c", "a\nb"]],
    ["\n bin/jobs \n", ["bin/jobs"]],
    ["a 'b c' \"d 'e\" f\\ g ''", ["a", "b c", "d 'e", "f g", ""]],
    ["a $HOME `id` *.js A=1 b#c", ["a", "$HOME", "`id`", "*.js", "A=1", "b#c"]],
    ["a\tb", ["a", "b"]],
  ])("%j", (text, words) => expect(command(text)).toEqual(words));
});

describeRefusals("commands", [
  [
    "refuses what a shell runs as two commands",
    { release: "bin/migrate\nbin/seed" },
    "release it is not run by a shell, so a line break is not supported: end the line with \\, or write sh -c '…' around it",
  ],
  [
    "refuses a comment, which a shell leaves out",
    web({ cmd: "bin/jobs # all queues" }),
    "servers.web.cmd it is not run by a shell, so # is not supported: write sh -c '…' around it",
  ],
  ["refuses a backslash that escapes nothing", web({ cmd: "bin/jobs \\" }), "servers.web.cmd a \\ at the end escapes nothing"],
]);
