import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { NotUnderstood, readSettings } from "../../../../hosts/ssh/ssh-config.ts";

const home = mkdtempSync(join(tmpdir(), "slipway-ssh-config-"));
afterAll(() => rmSync(home, { recursive: true }));
const included = join(home, "more.conf");
writeFileSync(included, "Port 77\nHost web\n  User inner\nHost *\n  ProxyJump from-more\n");

/** What decides how a host is reached, with ssh's own defaults left out. */
const KEYWORDS = ["hostname", "port", "user", "proxyjump", "proxycommand", "identityfile", "identitiesonly", "identityagent"];
const DEFAULTS = /^(hostname web|port 22|user \S+|identityfile ~\/\.ssh\/id_.*|identitiesonly no)$/;

function sshG(file: string): string[] {
  const lines = execFileSync("ssh", ["-G", "-F", file, "web"], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => KEYWORDS.includes(line.split(" ", 1)[0] ?? "") && !DEFAULTS.test(line)).sort();
}

async function ours(file: string): Promise<string[]> {
  const settings = await readSettings([file], { host: "web", user: "", home });
  const lines = [...settings].flatMap(([keyword, values]) =>
    keyword === "identityfile" ? values.map((value) => `${keyword} ${value}`) : [`${keyword} ${values.join(" ")}`],
  );
  return lines
    .map((line) => line.replace(/^(hostname .*)%h/, "$1web"))
    .filter((line) => KEYWORDS.includes(line.split(" ", 1)[0] ?? "") && !DEFAULTS.test(line) && !/ none$/.test(line))
    .sort();
}

it.each([
  "Host w*\n  Port 1\nHost *\n  Port 2\n  HostName %h.example.com",
  "Host * !web\n  Port 1\nHost !web *\n  Port 2\nHost web\n  Port 3",
  'Host=web\n  Port = 5 # comment\n  IdentityFile "/a b"\n  IdentityFile /c\n  IdentityFile /c\n',
  'Match host web exec "test 1 = 1"\n  ProxyJump yes\nHost *\n  ProxyJump no',
  'Match host web exec "test 1 = 2"\n  ProxyJump yes\nHost *\n  ProxyJump no',
  'Match originalhost web exec "test %n-%h-%p = web-10.0.0.1-22"\n  Port 9\n',
  'Host web\n  HostName 10.0.0.1\nMatch exec "test %n-%h-%p = web-10.0.0.1-22"\n  Port 9\n',
  'Match !exec "false"\n  Port 4\n',
  `Host other\n  Include ${included}\nHost web\n  Port 78`,
  `Host web\n  Include ${included}\nHost *\n  Port 78\n  User outer`,
  `Include ${included}\nPort 79`,
  "Host web\n  HostName real\nMatch host real\n  Port 10\nMatch host web\n  Port 11",
  "Match final host real\n  Port 12\nHost web\n  HostName real\nHost real\n  User found",
  "Match canonical\n  Port 13",
  "Match all\n  ProxyCommand nc %h %p\nHost *\n  ProxyJump a",
  "Host *\n  ProxyJump a\n  ProxyCommand nc %h %p",
  "Host web\n  IdentitiesOnly yes\n  IdentityAgent /run/agent",
  "Match user no-such-user\n  Port 14\nMatch localuser *\n  Port 15",
  "HOST WEB\n  pOrT 16",
])("evaluates as ssh -G does: %j", async (text) => {
  const file = join(home, "config");
  writeFileSync(file, text);
  expect(await ours(file)).toEqual(sshG(file));
});

it("names what it does not understand, where that could apply", async () => {
  const file = join(home, "config");
  writeFileSync(file, "Match host web localnetwork 10.0.0.0/8\n  Port 1");
  await expect(readSettings([file], { host: "web", user: "", home })).rejects.toThrow(NotUnderstood);
  expect((await readSettings([file], { host: "db", user: "", home })).size).toBe(0);
});
