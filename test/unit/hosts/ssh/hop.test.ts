import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseAccess } from "../../../../hosts/ssh/access.ts";
import { findHops } from "../../../../hosts/ssh/hop.ts";

const home = mkdtempSync(join(tmpdir(), "slipway-hop-"));
afterAll(() => rmSync(home, { recursive: true }));

async function hopsOf(config: string, address = "web", more: { port?: number; ssh?: object } = {}) {
  const file = join(home, "config");
  writeFileSync(file, config);
  const access = parseAccess(JSON.stringify({ config: file, ...more.ssh }), { HOME: home });
  return findHops({ name: "web-1", address, port: more.port ?? 22, user: "deploy" }, access);
}

it("connects directly without an ssh_config", async () => {
  const [target, ...more] = await hopsOf("");
  expect(more).toEqual([]);
  expect(target).toMatchObject({
    name: "web-1",
    address: "web",
    port: 22,
    user: "deploy",
    knownAs: "web",
    identities: [],
    isJump: false,
  });
});

it("uses host name, port, keys and known hosts from ~/.ssh/config, but not the user", async () => {
  const [target] = await hopsOf(
    "Host web\n  HostName 10.0.0.1\n  Port 2222\n  User other\n  IdentityFile ~/.ssh/web_%r\n  IdentityFile /k2\n  HostKeyAlias web-alias\n  UserKnownHostsFile ~/kh\n",
  );
  expect(target).toMatchObject({
    address: "10.0.0.1",
    port: 2222,
    user: "deploy",
    identities: [join(home, ".ssh/web_deploy"), "/k2"],
    knownAs: "web-alias",
    knownHosts: [join(home, "kh"), "/etc/ssh/ssh_known_hosts"],
  });
});

it("keeps a port that is set in the stack's config", async () => {
  expect((await hopsOf("Host web\n  Port 2222", "web", { port: 2200 }))[0]?.port).toBe(2200);
});

it("uses the first matching value and patterns as ssh does", async () => {
  expect((await hopsOf("Host w*\n  Port 1\nHost *\n  Port 2\n  HostName %h.example.com"))[0]).toMatchObject({
    port: 1,
    address: "web.example.com",
  });
});

it("follows jump hosts, and the jump hosts of those", async () => {
  const config = "Host web\n  ProxyJump ops@b:2222\nHost b\n  HostName bastion\n  User no\n  ProxyJump a\nHost a\n  User anna\n";
  expect((await hopsOf(config)).map(({ user, address, port, isJump }) => [user, address, port, isJump])).toEqual([
    ["anna", "a", 22, true],
    ["ops", "bastion", 2222, true],
    ["deploy", "web", 22, false],
  ]);
});

it("follows a chain of jump hosts, and honours ProxyJump none", async () => {
  expect((await hopsOf("Host web\n  ProxyJump x@a,y@b:3")).map(({ address }) => address)).toEqual(["a", "b", "web"]);
  expect(await hopsOf("Host web\n  ProxyJump none\nHost *\n  ProxyJump a")).toHaveLength(1);
});

it("prefers the jump host of the stack's config", async () => {
  const hops = await hopsOf("Host web\n  ProxyJump a", "web", { ssh: { proxy: "ops@bastion" } });
  expect(hops.map(({ address }) => address)).toEqual(["bastion", "web"]);
});

it("refuses a loop and ProxyCommand before it connects", async () => {
  await expect(hopsOf("Host a\n  ProxyJump b\nHost b\n  ProxyJump a\nHost web\n  ProxyJump a")).rejects.toThrow("loops back to");
  await expect(hopsOf("Host web\n  ProxyCommand nc %h %p")).rejects.toThrow("ProxyCommand is not supported");
});

it("reads included files", async () => {
  writeFileSync(join(home, "more.conf"), "Host web\n  Port 77\n");
  expect((await hopsOf(`Include ~/more*.conf\nHost web\n  Port 78`))[0]?.port).toBe(77);
});

it("uses the agent that IdentityAgent names, unless the stack's config names one", async () => {
  const agentOf = async (config: string, ssh: object = {}) => (await hopsOf(config, "web", { ssh }))[0]?.agent;
  expect(await agentOf("Host web\n  IdentityAgent ~/agent-%r.sock")).toBe(join(home, "agent-deploy.sock"));
  expect(await agentOf("Host web\n  IdentityAgent ~/agent.sock", { agent: "/run/mine" })).toBe("/run/mine");
  expect(await agentOf("Host web\n  IdentityAgent ~/agent.sock", { agent: false })).toBeUndefined();
  expect(await agentOf("Host web\n  IdentityAgent none")).toBeUndefined();
  expect(await agentOf("")).toBeUndefined();
});

it("knows IdentitiesOnly", async () => {
  expect((await hopsOf("Host web\n  IdentitiesOnly yes\n  IdentityFile /k"))[0]).toMatchObject({
    identitiesOnly: true,
    identities: ["/k"],
  });
});

it("follows Match exec, ignores what is included in another host's block, and names what it cannot follow", async () => {
  expect((await hopsOf('Match host web exec "test 1 = 1"\n  ProxyJump a')).map(({ address }) => address)).toEqual(["a", "web"]);
  writeFileSync(join(home, "inner.conf"), "Port 77\n");
  expect((await hopsOf(`Host other\n  Include ${join(home, "inner.conf")}`))[0]?.port).toBe(22);
  await expect(hopsOf("Match host web tagged x\n  Port 1")).rejects.toThrow(
    '"Match host web tagged x" is not understood: tagged',
  );
  const canonical = "CanonicalizeHostname yes\nCanonicalDomains example.com\n";
  await expect(hopsOf(canonical)).rejects.toThrow("CanonicalizeHostname is not supported");
  expect((await hopsOf(canonical, "web.a.example.com"))[0]?.address).toBe("web.a.example.com");
});
