import { describe, expect, it } from "vitest";
import { expandAlias, readAliases } from "../../../config/aliases.ts";
import { SlipwayError } from "../../../core/error.ts";

const problemsOf = (written: unknown): string => {
  try {
    readAliases(written, "stacks/Pulumi.production.yaml");
  } catch (thrown) {
    if (thrown instanceof SlipwayError) return thrown.story.what;
  }
  return "";
};

describe("aliases", () => {
  it("are the words of a command, further arguments at the end", () => {
    const aliases = readAliases(
      { console: "exec -i -- bin/rails console", c: "console --sandbox", sh: "exec -- sh -c 'a | b'" },
      "f",
    );
    expect(expandAlias(["console", "-e", "test"], aliases)).toEqual(["exec", "-i", "--", "bin/rails", "console", "-e", "test"]);
    expect(expandAlias(["c"], aliases)).toEqual(["exec", "-i", "--", "bin/rails", "console", "--sandbox"]);
    expect(expandAlias(["sh"], aliases)).toEqual(["exec", "--", "sh", "-c", "a | b"]);
    expect(expandAlias(["deploy", "--preview"], aliases)).toEqual(["deploy", "--preview"]);
    expect(expandAlias(["other"], aliases)).toEqual(["other"]);
  });

  it("are none where the config has none", () => {
    expect(readAliases(undefined, "f").size).toBe(0);
  });

  it.each([
    [
      "the name of a command",
      { deploy: "status" },
      "slipway:aliases.deploy   deploy is a command of slipway: give the alias another name",
    ],
    ["another form of name", { "a b": "status" }, "the name of an alias has lower-case letters"],
    ["what is no command", { k8s: "kubectl apply" }, '"kubectl" is no command of slipway, which slipway --help lists'],
    ["a misspelled command", { s: "staus" }, '"staus" is no command of slipway; did you mean status?'],
    ["slipway itself", { s: "slipway status" }, "write it without slipway"],
    ["an operator of a shell", { s: "logs | grep x" }, "it is not run by a shell, so | is not supported"],
    ["itself", { s: "s" }, "leads back to itself"],
    ["a circle", { a: "b", b: "c", c: "a" }, "slipway:aliases.c   leads back to itself"],
    ["nothing", { s: " " }, "should not be empty"],
    ["a list", ["status"], "should be a map of names and commands"],
  ])("that are %s are refused", (_, written, problem) => {
    expect(problemsOf(written)).toContain(problem);
  });

  it("that lead into a circle of others are not refused themselves", () => {
    expect(problemsOf({ into: "a", a: "b", b: "a" })).not.toContain("slipway:aliases.into");
  });
});
