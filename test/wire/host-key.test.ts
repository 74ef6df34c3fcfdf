import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { pinHostKey } from "../../cli/add/host-key.ts";
import { fingerprint, parsePin } from "../../hosts/index.ts";
import { LocalSshd } from "./local-sshd.ts";

let sshd: LocalSshd;
let home: string;
let offered: string;

beforeAll(async () => {
  sshd = await LocalSshd.start();
  offered = fingerprint(parsePin(sshd.hostKey)?.blob ?? Buffer.alloc(0));
  home = await mkdtemp(join(tmpdir(), "slipway-home-"));
  await mkdir(join(home, ".ssh"));
  await writeFile(join(home, ".ssh", "id_ed25519"), sshd.user.privateKey);
  await chmod(join(home, ".ssh", "id_ed25519"), 0o600);
  vi.stubEnv("HOME", home);
  vi.stubEnv("SSH_AUTH_SOCK", undefined);
});
beforeEach(() => rm(join(home, ".ssh", "known_hosts"), { force: true }));
afterAll(async () => {
  vi.unstubAllEnvs();
  await sshd.stop();
  await rm(home, { recursive: true, force: true });
});

const key = () => sshd.hostKey.split(" ").slice(0, 2).join(" ");
const knows = (text: string) => writeFile(join(home, ".ssh", "known_hosts"), `[127.0.0.1]:${sshd.port} ${text}\n`);
const pin = (wish: { accepted?: string; confirm?: (text: string) => Promise<boolean> } = {}) =>
  pinHostKey(
    { name: "web-1", address: "127.0.0.1", port: sshd.port, user: "deploy" },
    { accepted: wish.accepted, confirm: wish.confirm, option: "--accept-host-key" },
  );

describe("the host key of a new server", () => {
  it("is shown to the user, and pinned once that is right", async () => {
    let shown = "";
    const confirm = async (text: string) => {
      shown = text;
      return true;
    };
    expect(await pin({ confirm })).toEqual({ key: key(), fingerprint: offered, by: "the user" });
    expect(shown).toContain(offered);
    await expect(pin({ confirm: async () => false })).rejects.toThrow("was not confirmed");
  });

  it("is not pinned without a user who has seen it: the error has the option to accept it", async () => {
    await expect(pin()).rejects.toThrow(`with --accept-host-key ${offered}`);
    expect(await pin({ accepted: offered })).toMatchObject({ key: key(), by: "the option" });
  });

  it("has to be the accepted one", async () => {
    const other = fingerprint(parsePin(LocalSshd.aHostKey().publicKey)?.blob ?? Buffer.alloc(0));
    await expect(pin({ accepted: other })).rejects.toThrow(`offered:  ${offered}`);
    await knows(sshd.hostKey);
    await expect(pin({ accepted: other })).rejects.toThrow("shows a different host key");
  });

  it("needs no answer where known_hosts has it, and is never replaced where that has a different one", async () => {
    await knows(sshd.hostKey);
    expect(await pin()).toEqual({ key: key(), fingerprint: offered, by: "known_hosts" });
    await knows(LocalSshd.aHostKey().publicKey);
    const confirm = async () => true;
    await expect(pin({ confirm, accepted: offered })).rejects.toThrow("has CHANGED");
  });

  it("is pinned although the login is refused, which is said", async () => {
    await knows(sshd.hostKey);
    const wish = { accepted: undefined, confirm: undefined, option: "--accept-host-key" };
    vi.stubEnv("HOME", join(home, "none"));
    const known = join(home, "none", ".ssh");
    await mkdir(known, { recursive: true });
    await writeFile(join(known, "known_hosts"), `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    const refused = await pinHostKey({ name: "web-1", address: "127.0.0.1", port: sshd.port, user: "deploy" }, wish);
    vi.stubEnv("HOME", home);
    expect(refused).toMatchObject({ by: "known_hosts", noLogin: expect.stringContaining("did not accept the login as deploy") });
  });

  it("is taken from the option alone, without a connection", async () => {
    const wish = { accepted: `${sshd.hostKey} comment`, confirm: undefined, option: "--accept-host-key" };
    expect(await pinHostKey({ name: "web-1", address: "127.0.0.1", port: 1, user: "deploy" }, wish)).toEqual({
      key: key(),
      fingerprint: offered,
      by: "the option",
    });
  });
});
