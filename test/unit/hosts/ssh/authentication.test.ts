import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseAccess } from "../../../../hosts/ssh/access.ts";
import { Authentication, gatherProofs } from "../../../../hosts/ssh/authentication.ts";
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
const proofs = (ssh: object, identities?: string[]) =>
  gatherProofs(hop(identities), parseAccess(JSON.stringify(ssh), { HOME: home }));

it("shows keys of the config, then the agent, then the usual files", async () => {
  const text = readFileSync(open, "utf8");
  expect((await proofs({ keys: open, key_data: text, agent: "/a" })).map(({ label }) => label)).toEqual([
    open,
    "slipway:ssh.key_data[0]",
    "ssh-agent at /a",
  ]);
  expect((await proofs({ agent: "/a" })).map(({ label }) => label)).toEqual(["ssh-agent at /a", open]);
  expect((await proofs({ agent: false }, [locked])).map(({ label }) => label)).toEqual([locked]);
});

it("says what is wrong with a key, and never what is in it", async () => {
  const all = new Authentication("deploy", await proofs({ keys: [locked, junk, "/none"], key_data: "CANARY", agent: false }));
  expect(all.evidence).toEqual([
    `${locked}: encrypted with a passphrase`,
    `${junk}: not a private key that can be read`,
    "/none: no such file",
    "slipway:ssh.key_data[0]: not a private key that can be read",
  ]);
  expect(all.next("web")).toBe(`unlock the key with ssh-agent: ssh-add ${locked}`);
});

it("ends when all was refused", async () => {
  const authentication = new Authentication("deploy", await proofs({ keys: open, agent: false }));
  const shown: unknown[] = [];
  for (let turn = 0; turn < 2; turn += 1) authentication.handler([], false, (method) => shown.push(method));
  expect(shown).toEqual([{ type: "publickey", username: "deploy", key: expect.anything() }, false]);
  expect(authentication.exhausted).toBe(true);
  expect(authentication.evidence).toEqual([`${open}: refused`]);
  expect(authentication.next("web")).toContain("ssh-copy-id deploy@web");
});
