import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorText, SlipwayError } from "../../../core/error.ts";
import { ERRORS } from "../../../core/error-codes.ts";

const ROOT = join(import.meta.dirname, "../../..");
const failed = (host?: string): SlipwayError =>
  new SlipwayError({
    code: "HOST_UNREACHABLE",
    what: "203.0.113.10:22 refused the connection",
    ...(host === undefined ? {} : { host }),
    evidence: ["tried 3 times"],
    servesNow: "what served before",
    next: "check sshd",
  });

describe("an error", () => {
  it("says what, where, the evidence, what serves now, what to do next, and its code last", () => {
    expect(failed("web-1").message).toBe(
      [
        "web-1: 203.0.113.10:22 refused the connection",
        "  | tried 3 times",
        "  serves now: what served before",
        "  next: check sshd",
        "  code: HOST_UNREACHABLE",
      ].join("\n"),
    );
  });

  it("has its code in front where a command prints it", () => {
    const text = errorText(failed("web-1").message);
    expect(text).toMatch(/^error\[HOST_UNREACHABLE\]: web-1: 203/);
    expect(text).not.toContain("code:");
  });

  it("is printed as it is where it has no code", () => expect(errorText("update failed")).toBe("error: update failed"));
});

it("every code is the code of some error", () => {
  const folders = ["core", "config", "hosts", "registry", "project", "providers", "components", "cli", "lab", "tools"];
  const found = execFileSync("git", ["grep", "-hoE", '"[A-Z]+(_[A-Z]+)+"|"USAGE"', "--", ...folders, ":!core/error-codes.ts"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 16 * 2 ** 20,
  });
  const used = new Set(found.split("\n").map((quoted) => quoted.slice(1, -1)));
  expect(Object.keys(ERRORS).filter((code) => !used.has(code))).toEqual([]);
});
