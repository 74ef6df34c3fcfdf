import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OneHost } from "../../../lab/one-host.ts";
import { refusal } from "./refusal.ts";

const mine = new OneHost("hosts");

const home = mkdtempSync(join(tmpdir(), "slipway-login-"));
const socket = join(home, "agent.sock");
const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
afterAll(() => {
  agent.kill();
  rmSync(home, { recursive: true });
});
const add = (file: string) => execFileSync("ssh-add", ["-q", file], { env: { ...process.env, SSH_AUTH_SOCK: socket } });

/** sshd ends a login after six keys. */
beforeAll(async () => {
  while (!existsSync(socket)) await sleep(10);
  for (let at = 0; at < 8; at += 1) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(home, `foreign-${at}`)]);
    add(join(home, `foreign-${at}`));
  }
});

/** As a user whose ~/.ssh/config says this, and whose stack's config says nothing. */
function withConfig(text: string, ssh: object = {}, user = "deploy") {
  const file = join(home, "config");
  writeFileSync(file, text);
  return mine.reach({ user, ssh: { keys: [], config: file, agent: true, ...ssh } });
}

describe("a login as ~/.ssh/config says", () => {
  it("names the limit when an agent offers too many keys", async () => {
    const story = await refusal(withConfig(`Host *\n  IdentityAgent ${socket}`).connect());
    expect(story.evidence?.join("\n")).toMatch(/the server ended the login after \d keys \(MaxAuthTries\)/);
    expect(story.next).toContain("IdentitiesOnly yes");
  });

  it("works with a named key and IdentitiesOnly, whatever else the agent holds", async () => {
    const host = withConfig(`Host *\n  IdentityAgent ${socket}\n  IdentityFile ${mine.lab.key.file}\n  IdentitiesOnly yes`);
    expect((await host.run(["true"])).code).toBe(0);
  });

  it("works with the agent's key that a public key names", async () => {
    add(mine.lab.key.file);
    const good = join(home, "good.pub");
    if (existsSync(`${mine.lab.key.file}.pub`)) copyFileSync(`${mine.lab.key.file}.pub`, good);
    else writeFileSync(good, execFileSync("ssh-keygen", ["-y", "-f", mine.lab.key.file]));
    const host = withConfig(`Host *\n  IdentityAgent ${socket}\n  IdentityFile ${good}\n  IdentitiesOnly yes`);
    expect((await host.run(["true"])).code).toBe(0);
    expect((await withConfig("", { keys: good, agent: socket }).run(["true"])).code).toBe(0);
  });

  it("asks to be let in without anything, where sshd allows that", async () => {
    await mine.there.must("userdel -rf open 2>/dev/null; useradd -m -s /bin/bash -G docker open && passwd -qd open");
    await mine.there.must(
      "/usr/sbin/sshd -p 2297 -o PidFile=/run/open.pid -o PermitEmptyPasswords=yes -o PasswordAuthentication=yes; for _ in $(seq 250); do [ -e /run/open.pid ] && exit 0; sleep 0.02; done; exit 1",
    );
    try {
      const host = mine.reach({ user: "open", port: 2297, ssh: { keys: [], config: false, agent: false } });
      expect((await host.run(["id", "-un"])).stdout).toBe("open\n");
    } finally {
      await mine.there.must("kill $(cat /run/open.pid); userdel -rf open; true");
    }
  });
});
