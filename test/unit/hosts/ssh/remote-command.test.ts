import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { MarkedOutput, remoteCommand } from "../../../../hosts/ssh/remote-command.ts";

const AWKWARD = [
  "it's",
  '"$(id)"',
  "a\nb\\\nc",
  "-n",
  "--",
  "",
  "ü ☂",
  "$HOME",
  "`id`",
  "\\0012",
  "*",
  "a=b",
  "!x",
  "^a^b",
  "%s",
  "\r\t",
];

/** Runs the line as sshd does, with the login shell's own start file in front. */
function runIn(shell: string, line: string, { startFile = "", input = "" } = {}) {
  const { stdout, stderr, status } = spawnSync(shell, ["-c", `${startFile}\n${line}`], { input });
  return { stdout, stderr, status };
}

function outputOf(marker: string, ...parts: Buffer[]): MarkedOutput {
  const output = new MarkedOutput(marker);
  for (const part of parts) output.add(part);
  return output;
}

it.each(["sh", "bash"])("passes every argument, input and exit code through %s", (shell) => {
  const { line, marker } = remoteCommand(["sh", "-c", "cat; printf '[%s]' \"$@\"; echo no >&2; exit 7", "me", ...AWKWARD]);
  const { stdout, stderr, status } = runIn(shell, line, { input: "in\n" });
  expect(outputOf(marker, stdout).text).toBe(`in\n${AWKWARD.map((word) => `[${word}]`).join("")}`);
  expect(outputOf(marker, stderr).text).toBe("no\n");
  expect(status).toBe(7);
});

it("has no character that csh, fish or a POSIX shell would read differently", () => {
  const { line } = remoteCommand(["echo", ...AWKWARD]);
  const words = /^exec sh -c '([^']*)' '([^']*)'$/.exec(line);
  expect(words).not.toBeNull();
  expect(line).toMatch(/^[\x20-\x7e]+$/);
  expect(line).not.toMatch(/[!^]/);
  // fish reads \\ and \' within quotes; every backslash here begins an octal number.
  expect(line).not.toMatch(/\\(?!0[0-7]{3})/);
});

it("ignores what a start file prints, with or without a line break", () => {
  const { line, marker } = remoteCommand(["echo", "answer"]);
  for (const startFile of ["echo WELCOME; echo to all >&2", "printf 'no line break'"])
    expect(outputOf(marker, runIn("sh", line, { startFile }).stdout).text).toBe("answer\n");
});

it("is not fooled by a shell that prints the command instead of running it", () => {
  const { line, marker } = remoteCommand(["echo", "answer"]);
  const { stdout } = spawnSync("echo", [line]);
  const output = outputOf(marker, stdout);
  expect(output.text).toBeUndefined();
  expect(output.before).toContain("exec sh -c");
});

it("finds its marker however the output is cut, and bounds what it keeps", () => {
  const { marker } = remoteCommand(["true"]);
  const text = Buffer.from(`${"banner ".repeat(20_000)}${marker}\nrest`);
  const bytes = Array.from({ length: Math.ceil(text.length / 7) }, (_, at) => text.subarray(at * 7, at * 7 + 7));
  expect(outputOf(marker, ...bytes).text).toBe("rest");
  expect(outputOf(marker, text.subarray(0, -30)).before.length).toBeLessThan(10_000);
});
