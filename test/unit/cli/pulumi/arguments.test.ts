import { describe, expect, it } from "vitest";
import { readArguments } from "../../../../cli/pulumi/arguments.ts";

describe("Pulumi's arguments", () => {
  it.each<[readonly string[], string | undefined, string]>([
    [[], undefined, "/shop"],
    [["stack", "init", "production"], "stack", "/shop"],
    [["--non-interactive", "login"], "login", "/shop"],
    [["-C", "infra", "up"], "up", "/shop/infra"],
    [["-Cinfra", "up"], "up", "/shop/infra"],
    [["up", "--cwd", "/srv/infra", "--yes"], "up", "/srv/infra"],
    [["up", "--cwd=infra"], "up", "/shop/infra"],
    [["config", "set", "key", "--", "-C"], "config", "/shop"],
    [["up", "-C"], "up", "/shop"],
  ])("%j are the command %s in %s", (args, command, folder) => {
    expect(readArguments(args, "/shop")).toEqual({ command, folder });
  });
});
