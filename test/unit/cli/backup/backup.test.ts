import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseBackup } from "../../../../cli/backup/declared-backup.ts";
import { type ListedBackup, listText } from "../../../../cli/backup/list.ts";
import type { Kept } from "../../../../cli/backup/store.ts";
import { identitiesFor, readIdentities, unwrap } from "../../../../cli/backup/unwrap.ts";
import { parseCheckpoint } from "../../../../cli/stack/checkpoint.ts";
import { schedulesIn } from "../../../../cli/stack/schedules.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway-backup-cli-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const schedule = (host: string, backups: readonly string[]) => ({
  schema: 1,
  host: { name: host, address: "203.0.113.10", port: 22, user: "root" },
  stack: "shop/production",
  service: "shop",
  image: "node:24-slim",
  programs: "p1",
  jobs: {},
  status: "running",
  found: { kind: "present", parts: [], accessories: {} },
  // As Pulumi seals a secret.
  secrets: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "…" },
  backups: Object.fromEntries(
    backups.map((name) => [
      name,
      {
        cron: "@daily",
        timezone: "UTC",
        timeout: 60,
        env: {},
        secretEnv: {},
        secretsFingerprint: "",
        container: `shop-${name}`,
        folder: `shop-${name}`,
        image: "postgres:16",
        spec: "aaaaaaaa",
        preset: "postgres",
        port: 5432,
        network: "kamal",
        keep: 7,
        to: { kind: "directory", path: "/var/backups" },
      },
    ]),
  ),
});

const stateOf = (...schedules: readonly object[]) =>
  parseCheckpoint(
    JSON.stringify({
      deployment: {
        resources: schedules.map((outputs, at) => ({
          urn: `urn:pulumi:production::shop::x::s${at}`,
          type: "pulumi-nodejs:dynamic/slipway:Schedule",
          inputs: {},
          outputs,
        })),
      },
    }),
  );

describe("which backup is meant", () => {
  const schedules = schedulesIn(stateOf(schedule("web-1", ["db", "cache"]), schedule("web-2", ["db"])));

  it("is found by its accessory", () => {
    expect(chooseBackup(schedules, "cache", undefined)).toMatchObject({ name: "cache", inputs: { host: { name: "web-1" } } });
  });
  it("is named by its container where an app's accessory and one without an app have one name", () => {
    const alone = schedule("web-1", ["db"]);
    const of = alone.backups.db;
    const two = schedulesIn(
      stateOf(schedule("web-1", ["db"]), { ...alone, backups: { db: { ...of, container: "db-production" } } }),
    );
    expect(chooseBackup(two, "db-production", undefined).backup.container).toBe("db-production");
    expect(() => chooseBackup(two, "db", "web-1")).toThrow(
      /this stack has 2 accessories db\n[\s\S]*shop-db\n[\s\S]*db-production\n[\s\S]*next: name its container: shop-db/,
    );
  });
  it("needs a host where there are several", () => {
    expect(() => chooseBackup(schedules, "db", undefined)).toThrow(/is on 2 hosts[\s\S]*--host web-1/);
    expect(chooseBackup(schedules, "db", "web-2").inputs.host.name).toBe("web-2");
  });
  it.each([
    ["queue", undefined, /there is no accessory queue with a backup[\s\S]*accessories: db, cache/],
    ["db", "web-9", /there is no host web-9 of the accessory db[\s\S]*hosts: web-1, web-2/],
  ])("is refused with what there is: %s on %s", (name, host, printed) => {
    expect(() => chooseBackup(schedules, name, host)).toThrow(printed);
  });
  it("says what to write if no backup is declared", () => {
    expect(() => chooseBackup([], "db", undefined)).toThrow(/this stack has no backup[\s\S]*write backup:/);
  });
});

describe("a list of backups", () => {
  const [at] = [chooseBackup(schedulesIn(stateOf(schedule("web-1", ["db"]))), "db", undefined)];
  it("has a line for each", () => {
    const one = { id: "20261121-201530-123", at: "2026-11-21T20:15:30.123Z", bytes: 41_200_000, encrypted: true, drilled: false };
    const line = "20261121-201530-123   2026-11-21T20:15:30Z    41.2 MB   encrypted";
    const found: ListedBackup[] = [
      { ...one, origin: "recorded", sha256: "9f31" },
      { ...one, origin: "unknown", sha256: null, drilled: true },
      { ...one, origin: "differs", sha256: "9f31" },
    ];
    expect(listText(found, at).split("\n")).toEqual([
      "db in /var/backups/shop-db",
      line,
      `${line}   drilled   unknown origin`,
      `${line}      not as stored`,
    ]);
  });
  it("says where nothing is yet", () => {
    expect(listText([], at)).toBe("no backup of db in /var/backups/shop-db yet");
  });
});

describe("what comes back of a backup", () => {
  const content = Buffer.from("row\n".repeat(100_000));
  const kept = (change: Partial<Kept>): Kept => ({
    id: "20261121-201530-123",
    form: "sql",
    isCompressed: true,
    isEncrypted: true,
    file: "f",
    bytes: 1,
    at: new Date(0),
    isDrilled: false,
    ...change,
  });
  const sealed = async (identity: string, plain: Buffer): Promise<Buffer> => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(identity));
    return Buffer.from(await encrypter.encrypt(plain));
  };
  const inPieces = (whole: Buffer) =>
    Readable.from(Array.from({ length: Math.ceil(whole.length / 1000) }, (_, at) => whole.subarray(at * 1000, (at + 1) * 1000)));

  it("is what went in", async () => {
    const identity = await generateX25519Identity();
    const file = await sealed(identity, gzipSync(content));
    expect((await buffer(await unwrap(inPieces(file), kept({}), [identity]))).equals(content)).toBe(true);
  });

  it.each([
    ["cut short", (file: Buffer) => file.subarray(0, file.length - 20)],
    [
      "changed by one bit",
      (file: Buffer) => Buffer.from(file).fill(file.at(-30) === 0 ? 1 : 0, file.length - 30, file.length - 29),
    ],
  ])("is a failure when it was %s", async (_how, spoil) => {
    const identity = await generateX25519Identity();
    const file = spoil(await sealed(identity, gzipSync(content)));
    await expect(unwrap(inPieces(file), kept({}), [identity]).then(buffer)).rejects.toThrow();
    const packed = spoil(gzipSync(content));
    await expect(unwrap(inPieces(packed), kept({ isEncrypted: false }), []).then(buffer)).rejects.toThrow();
  });

  it("is refused without the private key, or with a different one, and the key is not shown", async () => {
    await expect(identitiesFor(kept({}), undefined)).rejects.toThrow(/is encrypted[\s\S]*--identity FILE/);
    const [right, wrong] = [await generateX25519Identity(), await generateX25519Identity()];
    const message = await unwrap(inPieces(await sealed(right, content)), kept({ isCompressed: false }), [wrong]).catch(String);
    expect(message).toContain("was not opened");
    expect(message).not.toContain(wrong);
  });

  it("takes the key from a file of age-keygen, and no other file", async () => {
    const identity = await generateX25519Identity();
    const [file, other] = [join(home, "key.txt"), join(home, "other.txt")];
    writeFileSync(file, `# created: today\n# public key: …\n${identity}\n`);
    writeFileSync(other, "hello");
    expect(await readIdentities(file)).toEqual([identity]);
    await expect(readIdentities(other)).rejects.toThrow(/holds no private key of age/);
    await expect(readIdentities(join(home, "none"))).rejects.toThrow(/cannot be read/);
  });
});
