import { describe, expect, it } from "vitest";
import { parseSecrets } from "../../../../kamal/files/secrets-file.ts";

describe("a file of secrets", () => {
  it.each([
    ["A=$A", { kind: "variable", name: "A" }],
    ["A=${B}", { kind: "variable", name: "B" }],
    ["A=${B:-x}", { kind: "variable", name: "B" }],
    ["export A=$B", { kind: "variable", name: "B" }],
    ["A=$(cat config/master.key)", { kind: "command", command: "cat config/master.key" }],
    ['A="$(op read "op://vault/item")"', { kind: "command", command: 'op read "op://vault/item"' }],
    ["A=$(echo $(cat x) | base64)", { kind: "command", command: "echo $(cat x) | base64" }],
    [
      "A=$(kamal secrets fetch \\\n  --adapter 1password \\\n  X)",
      { kind: "command", command: "kamal secrets fetch --adapter 1password X" },
    ],
    ["A=plain", { kind: "text" }],
    ["A='$literal'", { kind: "text" }],
    ["A=redis://${HOST}:6379", { kind: "text" }],
    ["A=", { kind: "empty" }],
    ["A=$B # comment", { kind: "variable", name: "B" }],
    ["A=plain", { kind: "text" }],
  ])("%j: where the value comes from", (text, source) => {
    expect(parseSecrets(text, ".kamal/secrets").map((secret) => secret.source)).toEqual([source]);
  });

  it("has the line of each name, over values of several lines, and no name for what is none", () => {
    const text = '# comment\nA=$A\n\nB="line 1\nline 2"\nRAILS_MASTER_KEY\nC=$(cat \\\n  x)\r\nD=$A';
    expect(parseSecrets(text, "s").map(({ name, at }) => [name, at.line])).toEqual([
      ["A", 2],
      ["B", 4],
      ["C", 7],
      ["D", 9],
    ]);
  });

  it("says when a name is one of the file", () => {
    expect(parseSecrets("A=$(x)\nB=$A", "s").map(({ source }) => source.kind)).toEqual(["command", "secret"]);
  });

  it("shows no value", () => {
    expect(JSON.stringify(parseSecrets("A=hunter2\nB='hunter2'\nC=\"x${D}hunter2\"", "s"))).not.toContain("hunter2");
  });
});
