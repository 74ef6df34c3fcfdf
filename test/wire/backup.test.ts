import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dumpCommand, PIPE } from "../../providers/schedule/dump.ts";
import { fileOf, idAt, momentOf, parseName } from "../../providers/schedule/runner/backup-name.ts";
import type { BackupSpec } from "../../providers/schedule/runner/backup-spec.ts";
import { Bucket, partSize } from "../../providers/schedule/runner/bucket.ts";
import { Folder } from "../../providers/schedule/runner/folder.ts";
import type { Recorded } from "../../providers/schedule/runner/records.ts";
import { outdated } from "../../providers/schedule/runner/retention.ts";
import { withoutTrailer } from "../../providers/schedule/runner/snapshot.ts";
import { aStore, type Store } from "./backup.store.ts";

const RUNNER = resolve(import.meta.dirname, "../../providers/schedule/runner");
const FILES: BackupSpec = { name: "shop-db", form: "tar", gzip: true, keep: 7 };
const MIB = 1024 * 1024;

let home: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway-backup-"));
  for (const folder of ["pipe", "out", "data"]) mkdirSync(join(home, folder));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function program(command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH } });
  children.push(child);
  const ended = new Promise<Ended>((done, failed) => {
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    child.once("error", failed);
    child.once("close", (code) => said.then(([out, err]) => done({ code, said: `${out}${err}`.trim() }), failed));
  });
  return { child, ended };
}

function sink(spec: BackupSpec) {
  const file = join(home, "spec.json");
  writeFileSync(file, JSON.stringify(spec));
  return program(process.execPath, [join(RUNNER, "sink.ts"), file, join(home, "pipe"), join(home, "out"), join(home, "record")]);
}

/** The dump's own frame around another command than a database's. */
function dump(what: string) {
  const [shell = "", flag = "", script = "", name = "", ...rest] = dumpCommand("files", home);
  const frame = script.slice(script.indexOf("pipe=$1"));
  const args = [flag, `dump() {\n${what}\n}\n${frame}`, name, ...rest.map((arg) => (arg === PIPE ? join(home, "pipe") : arg))];
  return program(shell, args);
}

async function backedUp(spec: BackupSpec, what: string): Promise<Ended & { result: Record<string, unknown> }> {
  const [kept] = await Promise.all([sink(spec).ended, dump(what).ended]);
  return { ...kept, result: JSON.parse(kept.said.split("\n").at(-1) ?? "{}") };
}

const kept = (): string[] => readdirSync(join(home, "out", "shop-db")).sort();
const contentOf = (file: string): Buffer => readFileSync(join(home, "out", "shop-db", file));

describe("a backup into a folder", () => {
  it("keeps what the dump wrote, packed, for root alone", async () => {
    const { code, result } = await backedUp(FILES, "printf 'row %s\\n' 1 2 3");
    expect(code).toBe(0);
    const [file = "", ...more] = kept();
    expect(more).toEqual([]);
    expect(file).toBe(fileOf(String(result.id), FILES));
    expect(gunzipSync(contentOf(file)).toString()).toBe("row 1\nrow 2\nrow 3\n");
    expect(result.bytes).toBe(contentOf(file).length);
    expect(statSync(join(home, "out", "shop-db", file)).mode & 0o777).toBe(0o600);
  });

  it("is none when the dump ends with an error after it wrote", async () => {
    const { code, result } = await backedUp(FILES, "echo half; return 3");
    expect(code).toBe(1);
    expect(result).toEqual({ error: "the dump ended with code 3" });
    expect(kept()).toEqual([]);
  });

  it("is none when the dump is killed in the middle", async () => {
    const keeping = sink(FILES);
    const dumping = dump("echo half; kill -9 $$; sleep 60");
    expect((await dumping.ended).code).toBeNull();
    expect((await keeping.ended).said).toBe('{"error":"the dump was interrupted"}');
    expect(kept()).toEqual([]);
  });

  it("is none when the dump wrote nothing at all", async () => {
    expect((await backedUp(FILES, "true")).result).toEqual({ error: "the dump is empty" });
    expect(kept()).toEqual([]);
  });

  it("is none when its keeper is asked to stop, and the dump ends, too", async () => {
    const keeping = sink(FILES);
    const dumping = dump("echo begun; while echo more; do sleep 0.05; done");
    await untilThere(() => readdirSync(join(home, "out")).length > 0 && kept().some((file) => file.endsWith(".partial")));
    keeping.child.kill("SIGTERM");
    expect((await keeping.ended).code).toBe(1);
    expect((await dumping.ended).code).not.toBe(0);
    expect(kept()).toEqual([]);
  });

  it("takes away what a killed keeper left, and the oldest backups", async () => {
    const folder = join(home, "out", "shop-db");
    mkdirSync(folder);
    for (const file of [
      ".20260101-000000-000.tar.gz.partial",
      "20260101-000000-000.tar.gz",
      "20260101-000000-000.drill.json",
      "notes.txt",
    ])
      writeFileSync(join(folder, file), "x");
    const { result } = await backedUp({ ...FILES, keep: 1 }, "echo new");
    expect(kept()).toEqual([`${result.id}.tar.gz`, "notes.txt"]);
  });

  it("cannot be read without the private key, and can with it", async () => {
    const identity = await generateX25519Identity();
    const spec = { ...FILES, gzip: false, encrypt: await identityToRecipient(identity) };
    const { result } = await backedUp(spec, "echo my-secret-row; head -c 300000 /dev/zero");
    const sealed = contentOf(`${result.id}.tar.age`);
    expect(sealed.includes("my-secret-row")).toBe(false);
    const right = new Decrypter();
    right.addIdentity(identity);
    expect(
      Buffer.from(await right.decrypt(sealed))
        .subarray(0, 14)
        .toString(),
    ).toBe("my-secret-row\n");
    const wrong = new Decrypter();
    wrong.addIdentity(await generateX25519Identity());
    await expect(wrong.decrypt(sealed)).rejects.toThrow();
  });

  it("streams: a dump of 200 MB leaves the keeper small", async () => {
    const keeping = sink({ ...FILES, gzip: false });
    const dumping = dump("head -c 200000000 /dev/zero");
    let peak = 0;
    const looking = setInterval(() => {
      const status = readFileSync(`/proc/${keeping.child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
    }, 20);
    const [{ code }] = await Promise.all([keeping.ended.finally(() => clearInterval(looking)), dumping.ended]);
    expect(code).toBe(0);
    expect(peak / 1024).toBeLessThan(150);
  });
});

describe("a backup into a bucket", () => {
  const specFor = ({ endpoint, region, bucket, accessKey, secretKey }: Store): BackupSpec => ({
    ...FILES,
    gzip: false,
    s3: { endpoint, region, bucket, prefix: "shop/production", accessKey, secretKey },
  });

  it("is one object, signed, below its prefix", async () => {
    await using store = await aStore();
    const { code, result, said } = await backedUp(specFor(store), "echo small");
    expect(said, said).not.toContain("error");
    expect(code).toBe(0);
    expect([...store.objects.keys()]).toEqual([`shop/production/shop-db/${result.id}.tar`]);
    expect(store.refused).toEqual([]);
    expect(said).not.toContain(store.secretKey);
  });

  it("goes up in parts when it is large, whatever the store does in between", async () => {
    await using store = await aStore();
    store.failNext("PUT", 2);
    const { code, result } = await backedUp(specFor(store), "head -c 20000000 /dev/zero; echo end");
    expect(code).toBe(0);
    expect(result.bytes).toBe(20_000_004);
    expect([...store.objects.values()].map(({ length }) => length)).toEqual([20_000_004]);
    expect(store.uploads.size).toBe(0);
    expect(store.refused).toEqual([]);
  });

  it("is taken back when the dump fails after several parts", async () => {
    await using store = await aStore();
    const { code } = await backedUp(specFor(store), "head -c 20000000 /dev/zero; return 1");
    expect(code).toBe(1);
    expect(store.objects.size).toBe(0);
    expect(store.uploads.size).toBe(0);
  });

  it("fails with the store's words when the key is wrong, and does not show the key", async () => {
    await using store = await aStore();
    const spec = specFor(store);
    const wrong = { ...spec, ...(spec.s3 && { s3: { ...spec.s3, secretKey: "not-the-secret" } }) };
    const { code, said } = await backedUp(wrong, "echo small");
    expect(code).toBe(1);
    expect(said).toContain("the store answered 403 SignatureDoesNotMatch");
    expect(said).not.toContain("not-the-secret");
  });

  it("keeps the newest, and reads back what it kept", async () => {
    await using store = await aStore();
    for (const content of ["one", "two", "three"]) await backedUp({ ...specFor(store), keep: 2 }, `echo ${content}`);
    expect(store.objects.size).toBe(2);
    const { s3 } = specFor(store);
    if (s3 === undefined) throw new TypeError("no store");
    const bucket = new Bucket(s3, "shop-db");
    const files = (await bucket.list()).map(({ file }) => file).sort();
    expect(await text((await bucket.open(files.at(-1) ?? "")).content)).toBe("three\n");
  });

  it("takes what comes in pieces of any size to parts of the right size", async () => {
    await using store = await aStore();
    const { s3 } = specFor(store);
    if (s3 === undefined) throw new TypeError("no store");
    const pieces = [MIB, 7 * MIB, 1, 9 * MIB, 3].map((size) => Buffer.alloc(size, 7));
    await new Bucket(s3, "x").store("large", Readable.from(pieces), async () => {});
    expect(store.objects.get("shop/production/x/large")?.equals(Buffer.concat(pieces))).toBe(true);
  });

  it("has room for 5 TB in 10,000 parts", () => {
    const sum = Array.from({ length: 10_000 }, (_, nth) => partSize(nth)).reduce((all, size) => all + size, 0);
    expect(sum).toBeGreaterThan(5 * 1024 ** 4);
    expect(partSize(2999)).toBeLessThanOrEqual(32 * MIB);
  });
});

describe("what the host records of what it has stored", () => {
  const recorded = (): Record<string, Recorded> => JSON.parse(readFileSync(join(home, "record", "records.json"), "utf8"));

  it("is size and digest of each backup that is kept, and no more", async () => {
    for (const content of ["one", "two", "three"]) await backedUp({ ...FILES, gzip: false, keep: 2 }, `echo ${content}`);
    const digests = kept().map((file) => [file, createHash("sha256").update(contentOf(file)).digest("hex")]);
    expect(
      Object.entries(recorded())
        .map(([file, { sha256 }]) => [file, sha256])
        .sort(),
    ).toEqual(digests);
  });

  it("is the result of the backup as well", async () => {
    const { result } = await backedUp(FILES, "echo one");
    expect(recorded()).toEqual({ [`${result.id}.tar.gz`]: { bytes: result.bytes, sha256: result.sha256 } });
  });

  it("is not pushed out by files that others put beside the backups", async () => {
    const { result } = await backedUp({ ...FILES, keep: 2 }, "echo one");
    for (const day of [1, 2, 3]) writeFileSync(join(home, "out", "shop-db", `2099010${day}-000000-000.tar.gz`), "x");
    await backedUp({ ...FILES, keep: 2 }, "echo two");
    expect(Object.keys(recorded())).toContain(`${result.id}.tar.gz`);
  });

  it("makes a backup no failure when it cannot be written, but is said", async () => {
    writeFileSync(join(home, "record"), "a file");
    const { code, result } = await backedUp(FILES, "echo one");
    expect({ code, warning: result.warning }).toEqual({
      code: 0,
      warning: expect.stringMatching(/^what was stored was not recorded: /),
    });
  });

  it.each(["a folder", "a bucket"])(
    "is of one version: what is put in its place meanwhile is not read from %s",
    async (where) => {
      await using store = await aStore();
      const { endpoint, region, bucket, accessKey, secretKey } = store;
      const s3 = { endpoint, region, bucket, prefix: "", accessKey, secretKey };
      const place = where === "a folder" ? new Folder(join(home, "out")) : new Bucket(s3, "x");
      await place.put("one", "mine");
      const { content, version } = await place.open("one");
      expect(await text(content)).toBe("mine");
      expect(await text((await place.open("one", version)).content)).toBe("mine");
      await place.put("one", "evil");
      await expect(place.open("one", version)).rejects.toThrow(/was changed since it was verified|412 PreconditionFailed/);
    },
  );
});

describe("a snapshot of Redis", () => {
  const end = Buffer.concat([Buffer.from([0xff]), Buffer.alloc(8, 3)]);
  const snapshot = Buffer.concat([Buffer.from("REDIS0012"), Buffer.alloc(500, 1), end]);
  const mark = Buffer.from("0123456789abcdef0123456789abcdef01234567");
  const withoutIt = async (whole: Buffer, size: number) => {
    const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.subarray(at * size, (at + 1) * size));
    return buffer(Readable.from(pieces).pipe(withoutTrailer()));
  };

  it.each([1, 7, 49, 10_000])("loses the mark that its client leaves behind it, in pieces of %i", async (size) => {
    expect((await withoutIt(Buffer.concat([snapshot, mark]), size)).equals(snapshot)).toBe(true);
  });
  it.each([1, 7, 49, 10_000])("stays as it is without one, in pieces of %i", async (size) => {
    expect((await withoutIt(snapshot, size)).equals(snapshot)).toBe(true);
  });
});

describe("the name of a backup", () => {
  it("is the moment when it began", () => {
    const moment = new Date("2026-11-21T20:15:30.123Z");
    expect(idAt(moment)).toBe("20261121-201530-123");
    expect(momentOf(idAt(moment))).toEqual(moment);
  });

  it("says what was done to it", () => {
    expect(parseName("20261121-201530-123.sql.gz.age")).toEqual({
      id: "20261121-201530-123",
      form: "sql",
      isCompressed: true,
      isEncrypted: true,
    });
    expect(parseName("notes.txt")).toBeUndefined();
  });
});

describe("what goes when the newest stay", () => {
  const files = [
    "20260103-000000-000.dump",
    "20260101-000000-000.dump",
    "20260102-000000-000.dump.age",
    "20260101-000000-000.drill.json",
    "other",
  ];
  const stored = files.map((file) => ({ file, bytes: 1 }));

  it("is the oldest with its drill, never a stranger's file", () => {
    expect(outdated(stored, 2, "20260103-000000-000").sort()).toEqual([
      "20260101-000000-000.drill.json",
      "20260101-000000-000.dump",
    ]);
  });
  it("is nothing when there are not more", () => {
    expect(outdated(stored, 3, "20260103-000000-000")).toEqual([]);
  });
});

async function untilThere(look: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!look()) {
    if (performance.now() > end) throw new Error("it did not come");
    await new Promise((done) => setTimeout(done, 20));
  }
}
