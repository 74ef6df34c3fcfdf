import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseAccess } from "../../../../hosts/ssh/access.ts";
import { Authentication, gatherIdentities } from "../../../../hosts/ssh/authentication.ts";
import type { Hop } from "../../../../hosts/ssh/hop.ts";

const home = mkdtempSync(join(tmpdir(), "slipway-auth-"));
afterAll(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, ".ssh"));

function keyFile(name: string, passphrase = ""): string {
  const file = join(home, ".ssh", name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
  return file;
}

const open = keyFile("id_ed25519");
const locked = keyFile("locked", "secret");
const junk = join(home, ".ssh", "junk");
writeFileSync(junk, "CANARY");

const hop = (identities: string[] = []): Hop => ({
  name: "web-1",
  address: "web",
  port: 22,
  user: "deploy",
  knownAs: "web",
  knownHosts: [],
  identities,
  isJump: false,
});
const gather = (ssh: object, files?: string[]) => gatherIdentities(hop(files), parseAccess(JSON.stringify(ssh), { HOME: home }));

it("offers keys of the config, then the agent, then the default key files", async () => {
  const text = readFileSync(open, "utf8");
  expect((await gather({ keys: open, key_data: text, agent: "/a" })).map(({ label }) => label)).toEqual([
    open,
    "slipway:ssh.key_data[0]",
    "ssh-agent at /a",
  ]);
  expect((await gather({ agent: "/a" })).map(({ label }) => label)).toEqual(["ssh-agent at /a", open]);
  expect((await gather({ agent: false }, [locked])).map(({ label }) => label)).toEqual([locked]);
});

it("reports what is wrong with a key, and never its content", async () => {
  const all = new Authentication("deploy", await gather({ keys: [locked, junk, "/none"], key_data: "CANARY", agent: false }));
  expect(all.evidence).toEqual([
    `${locked}: encrypted with a passphrase`,
    `${junk}: not a readable private key`,
    "/none: no such file",
    "slipway:ssh.key_data[0]: not a readable private key",
  ]);
  expect(all.next("web")).toBe(`unlock the key with ssh-agent: ssh-add ${locked}`);
});

it("is exhausted when every identity was refused", async () => {
  const authentication = new Authentication("deploy", await gather({ keys: open, agent: false }));
  const offered: unknown[] = [];
  for (let turn = 0; turn < 2; turn += 1) authentication.handler([], false, (method) => offered.push(method));
  expect(offered).toEqual([{ type: "publickey", username: "deploy", key: expect.anything() }, false]);
  expect(authentication.exhausted).toBe(true);
  expect(authentication.evidence).toEqual([`${open}: refused`]);
  expect(authentication.next("web")).toContain("ssh-copy-id deploy@web");
});
