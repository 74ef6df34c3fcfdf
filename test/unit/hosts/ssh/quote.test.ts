import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { quote } from "../../../../hosts/ssh/quote.ts";

const AWKWARD = [
  "",
  " ",
  "'",
  '"',
  "$(id)",
  "`id`",
  "\n",
  "\t",
  "\\",
  "\\'",
  "-n",
  "--",
  "*",
  "?",
  "~",
  "#",
  "!x",
  "a=b",
  "ü☂𝄞",
  "$HOME",
  "&",
  ";",
  "|",
  "\r",
  "%s",
  "{a,b}",
];

/** Words of random awkward parts, the same in every run. */
function words(count: number): string[] {
  let seed = 42;
  const next = (limit: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % limit;
  };
  return Array.from({ length: count }, () => Array.from({ length: next(6) }, () => AWKWARD[next(AWKWARD.length)]).join(""));
}

it("passes every word unchanged through a real shell", () => {
  const argv = [...AWKWARD, ...words(500)];
  const script = quote([process.execPath, "-e", "process.stdout.write(JSON.stringify(process.argv.slice(1)))", "--", ...argv]);
  expect(JSON.parse(execFileSync("sh", ["-c", script], { encoding: "utf8" }))).toEqual(argv);
});

it("never turns the first word into an assignment or an option", () => {
  expect(() => execFileSync("sh", ["-c", quote(["A=b"])], { stdio: "pipe" })).toThrow(/A=b/);
});

it("leaves plain words readable", () => {
  expect(quote(["docker", "ps", "--all", "/a/b_c.d:e,f@g+h"])).toBe("docker ps --all /a/b_c.d:e,f@g+h");
});

it("rejects a NUL byte, which no argument can contain", () => {
  expect(() => quote(["a\0b"])).toThrow("NUL");
});
