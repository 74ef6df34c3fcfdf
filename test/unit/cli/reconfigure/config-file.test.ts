import { spawnSync } from "node:child_process";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change } from "../../../../cli/reconfigure/changes.ts";
import { ConfigFile } from "../../../../cli/reconfigure/config-file.ts";
import { beginJournal, interruptedRollbacks, recoverFile, type Writer } from "../../../../cli/stack/rollback-journal.ts";

const [NAME, JOURNAL] = ["Pulumi.prod.yaml", ".Pulumi.prod.yaml.rollback"];
const FILE = "config:\n  slipway:image: shop:2 # ours\n  slipway:secrets:\n    TOKEN:\n      secure: v1:old\n";
const TO_FIRST: Change[] = [{ path: ["slipway:image"], to: "shop:1", secret: false, sign: "~" }];
const SECRET: Change[] = [{ path: ["slipway:secrets", "TOKEN"], to: "canary-t0ken", secret: true, sign: "~" }];
const FIRST = FILE.replace("shop:2", '"shop:1"');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-config-"));
  await writeFile(join(folder, NAME), FILE);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ROLLBACK = { by: "rollback", what: "1-aa" } as const;
const content = () => readFile(join(folder, NAME), "utf8");
const open = () => ConfigFile.open(NAME, folder);
const sealed = async () => ({ secure: "v1:new" });

describe("the stack's file during a rollback", () => {
  it("is changed in place, keeps its mode and its link, and is restored byte for byte", async () => {
    await rm(join(folder, NAME));
    await writeFile(join(folder, "real.yaml"), FILE);
    await chmod(join(folder, "real.yaml"), 0o640);
    await symlink("real.yaml", join(folder, NAME));
    const file = await open();
    await file.write(TO_FIRST, ROLLBACK, sealed);
    expect(await content()).toBe(FIRST);
    await file.restore();
    expect(await content()).toBe(FILE);
    expect((await lstat(join(folder, NAME))).isSymbolicLink()).toBe(true);
    expect((await stat(join(folder, NAME))).mode & 0o777).toBe(0o640);
    expect((await readdir(folder)).sort()).toEqual([NAME, "real.yaml"]);
  });

  it("gets secrets encrypted, and nothing of them in the clear", async () => {
    await (await open()).write(SECRET, ROLLBACK, sealed);
    expect(await content()).toBe(FILE.replace("      secure: v1:old", '      secure: "v1:new"'));
  });

  it("is not touched if one of the changes cannot be written", async () => {
    const alias = `${FILE}  slipway:env: &x {}\n`;
    await writeFile(join(folder, NAME), alias);
    await expect((await open()).write(TO_FIRST, ROLLBACK, sealed)).rejects.toThrow("does not edit: the anchor &x");
    await writeFile(join(folder, NAME), FILE);
    const refusing = () => Promise.reject(new Error("no passphrase"));
    await expect((await open()).write([...TO_FIRST, ...SECRET], ROLLBACK, refusing)).rejects.toThrow("no passphrase");
    expect(await content()).toBe(FILE);
    expect(await readdir(folder)).toEqual([NAME]);
  });

  it("is not touched if it is no text in UTF-8", async () => {
    const latin = Buffer.concat([Buffer.from(FILE), Buffer.from([0x23, 0xe4, 0x0a])]);
    await writeFile(join(folder, NAME), latin);
    await expect((await open()).write(TO_FIRST, ROLLBACK, sealed)).rejects.toThrow("is not a text in UTF-8");
    expect(await readFile(join(folder, NAME))).toEqual(latin);
  });
});

describe("a rollback that was killed", () => {
  /** Its journal names a process that has ended. */
  async function killed(agreed: boolean, by: { by: Writer; what: string } = ROLLBACK): Promise<void> {
    const file = await open();
    await file.write(TO_FIRST, by, sealed);
    if (agreed) await file.agreed();
    const { pid } = spawnSync("true");
    const journal = join(folder, JOURNAL);
    await writeFile(journal, JSON.stringify({ ...JSON.parse(await readFile(journal, "utf8")), pid }));
  }

  it("is found by the next command", async () => {
    expect(await interruptedRollbacks(folder)).toEqual([]);
    await killed(false);
    expect(await interruptedRollbacks(folder)).toEqual([join(folder, NAME)]);
    expect((await stat(join(folder, JOURNAL))).mode & 0o777).toBe(0o600);
  });

  it("is undone, if it had not been confirmed", async () => {
    await killed(false);
    expect(await recoverFile(NAME, folder)).toBe(
      `a rollback to 1-aa was killed before it released anything; ${NAME} is as it was before it`,
    );
    expect(await content()).toBe(FILE);
    expect(await readdir(folder)).toEqual([NAME]);
    expect(await recoverFile(NAME, folder)).toBeUndefined();
  });

  it("is named after what it was, if it was a promotion", async () => {
    await killed(false, { by: "promote", what: "1" });
    expect(await recoverFile(NAME, folder)).toContain("a promotion of 1 was killed before it released anything");
    expect(await content()).toBe(FILE);
  });

  it("is left to the next deploy, if it had been confirmed", async () => {
    await killed(true);
    expect(await recoverFile(NAME, folder)).toContain("is that of 1-aa, and a deploy completes it");
    expect(await content()).toBe(FIRST);
    expect(await readdir(folder)).toEqual([NAME]);
  });

  it("does not cost an edit that was made since", async () => {
    await killed(false);
    await writeFile(join(folder, NAME), `${FIRST}# mine\n`);
    expect(await recoverFile(NAME, folder)).toContain("has been edited since and stays as it is");
    expect(await content()).toBe(`${FIRST}# mine\n`);
  });

  it("leaves nothing to say where the file was not changed yet", async () => {
    await beginJournal(join(folder, NAME), { by: "rollback", release: "1-aa", before: Buffer.from(FILE), written: FIRST });
    expect(await recoverFile(NAME, folder)).toBeUndefined();
    expect(await readdir(folder)).toEqual([NAME]);
  });
});
