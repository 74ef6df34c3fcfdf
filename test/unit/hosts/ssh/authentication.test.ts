import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
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
  identitiesOnly: false,
  agent: undefined,
  isJump: false,
});
const gather = (ssh: object, files?: string[]) => gatherIdentities(hop(files), parseAccess(JSON.stringify(ssh), { HOME: home }));

/** A real ssh-agent, with the keys of these files. */
const socket = join(home, "agent.sock");
const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
afterAll(() => void agent.kill());
const inAgent = keyFile("in-agent");
const other = keyFile("other");
beforeAll(async () => {
  while (!existsSync(socket)) await sleep(10);
  execFileSync("ssh-add", ["-q", inAgent, other], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
});
const labelsOf = async (ssh: object, more: Partial<Hop> = {}) =>
  (await gatherIdentities({ ...hop(), agent: socket, ...more }, parseAccess(JSON.stringify(ssh), { HOME: home }))).map(
    ({ kind, label }) => `${kind}: ${label.replace(/^(ssh-agent key) .*SHA256:.*/, "$1")}`,
  );

it("offers keys of the config, those of ~/.ssh/config, then the agent's, then the default key files", async () => {
  const text = readFileSync(open, "utf8");
  expect(await labelsOf({ keys: open, key_data: text }, { identities: [locked] })).toEqual([
    `key: ${open}`,
    "key: slipway:ssh.key_data[0]",
    `unusable: ${locked}`,
    "agent key: ssh-agent key",
    "agent key: ssh-agent key",
  ]);
  expect(await labelsOf({})).toEqual(["agent key: ssh-agent key", "agent key: ssh-agent key", `key: ${open}`]);
  expect(await labelsOf({}, { agent: undefined, identities: [locked] })).toEqual([`unusable: ${locked}`]);
  expect(await labelsOf({}, { agent: "/nowhere" })).toEqual(["unusable: ssh-agent at /nowhere", `key: ${open}`]);
});

it("offers only named keys with IdentitiesOnly", async () => {
  expect(await labelsOf({}, { identitiesOnly: true, identities: [open] })).toEqual([`key: ${open}`]);
  expect(await labelsOf({}, { identitiesOnly: true })).toEqual([`key: ${open}`]);
});

it("takes the agent's key for a public key, and for a private one that it cannot read", async () => {
  expect(await labelsOf({}, { identitiesOnly: true, identities: [`${inAgent}.pub`] })).toEqual([
    `agent key: ${inAgent}.pub, in the ssh-agent`,
  ]);
  const moved = join(home, "moved");
  copyFileSync(`${inAgent}.pub`, `${moved}.pub`);
  expect(await labelsOf({ keys: moved }, { identitiesOnly: true })).toEqual([`agent key: ${moved}, in the ssh-agent`]);
  expect(await labelsOf({}, { identitiesOnly: true, identities: [`${open}.pub`] })).toEqual([`unusable: ${open}.pub`]);
  // A named key is not offered a second time from the agent.
  expect(await labelsOf({ keys: inAgent })).toEqual([`key: ${inAgent}`, "agent key: ssh-agent key"]);
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

function methodsOf(authentication: Authentication, answers: readonly string[][]): unknown[] {
  const offered: unknown[] = [];
  for (const left of [[], ...answers]) authentication.handler(left as never, false, (method) => offered.push(method));
  return offered;
}

it("asks at last to be let in without a key, and is exhausted when that was refused, too", async () => {
  const authentication = new Authentication("deploy", await gather({ keys: open, agent: false }));
  expect(methodsOf(authentication, [["publickey"], ["publickey"]])).toEqual([
    { type: "publickey", username: "deploy", key: expect.anything() },
    { type: "none", username: "deploy" },
    false,
  ]);
  expect(authentication.exhausted).toBe(true);
  expect(authentication.evidence).toEqual([`${open}: refused`]);
  expect(authentication.next("web")).toContain("ssh-copy-id deploy@web");
});

it("offers no further key to a server that takes none", async () => {
  const authentication = new Authentication("deploy", await gather({ keys: [open, inAgent], agent: false }));
  expect(methodsOf(authentication, [["password"], ["password"]])).toEqual([
    { type: "publickey", username: "deploy", key: expect.anything() },
    { type: "none", username: "deploy" },
    false,
  ]);
  expect(authentication.evidence).toEqual([`${open}: refused`, "the server accepts no keys for this user, only: password"]);
  expect(authentication.next("web")).toContain("PubkeyAuthentication yes");
});

it("says that the server ended the login after several keys", async () => {
  const authentication = new Authentication("deploy", await gather({ keys: [open, inAgent, other], agent: false }));
  methodsOf(authentication, [["publickey"]]);
  expect(authentication.evidence).toEqual([
    `${open}: refused`,
    `${inAgent}: no answer`,
    "the server ended the login after 2 keys (MaxAuthTries)",
  ]);
  expect(authentication.next("web")).toContain("IdentitiesOnly yes");
});
