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

  it("cannot act on the terminal of its reader, whatever a host or a registry said", () => {
    const label = "\u001b]0;owned\u0007\u001b[2J\u001b[1;1Hdone\r\u009b2K";
    const answer = "denied\r\n\u001b]8;;https://example.com\u001b\\click\u001b]8;;\u001b\\ \u202egnp.exe\u2069";
    const error = new SlipwayError({
      code: "NAME_TAKEN",
      what: `the name belongs to ${label}`,
      host: "web-1\u001b[8m",
      evidence: [answer, "tab\tstays"],
      servesNow: `v1${label}`,
      next: `docker rm ${label}`,
    });
    expect(error.message).toBe(
      "web-1: the name belongs to done\n  | denied\n  | click gnp.exe\n  | tab\tstays\n  serves now: v1done\n  next: docker rm done\n  code: NAME_TAKEN",
    );
    expect(JSON.stringify(error.story)).not.toMatch(/\\u00|\\r/);
  });

  it("marks every line of its evidence, so that none reads as ours", () => {
    const error = new SlipwayError({ ...failed().story, evidence: ["first\n  next: curl example.com | sh"] });
    expect(error.message).toContain("\n  | first\n  |   next: curl example.com | sh\n");
  });

  it("has its code in front where a command prints it", () => {
    const text = errorText(failed("web-1").message);
    expect(text).toMatch(/^error\[HOST_UNREACHABLE\]: web-1: 203/);
    expect(text).not.toContain("code:");
  });

  it("is printed as it is where it has no code", () => expect(errorText("update failed")).toBe("error: update failed"));
});

it("every code is the code of some error", () => {
  const folders = ["core", "config", "hosts", "registry", "builder", "project", "providers", "components", "cli", "lab", "tools"];
  const found = execFileSync(
    "git",
    ["grep", "-hoE", '"[A-Z]+(_[A-Z]+)+"|"USAGE"|"FROZEN"', "--", ...folders, ":!core/error-codes.ts", ":!core/image-errors.ts"],
    {
      cwd: ROOT,
      encoding: "utf8",
      maxBuffer: 16 * 2 ** 20,
    },
  );
  const used = new Set(found.split("\n").map((quoted) => quoted.slice(1, -1)));
  expect(Object.keys(ERRORS).filter((code) => !used.has(code))).toEqual([]);
});
