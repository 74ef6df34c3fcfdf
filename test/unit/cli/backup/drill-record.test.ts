import { armor, Decrypter, generateX25519Identity } from "age-encryption";
import { describe, expect, it } from "vitest";
import { recordOf } from "../../../../cli/backup/drill-record.ts";

const FOUND = {
  id: "20261121-201530-123",
  at: "2026-11-22T08:00:00.000Z",
  bytes: 41_200_000,
  seconds: 4.1,
  asked: "SELECT email FROM users LIMIT 2",
  rows: ["ann@example.com", "bob@example.com"],
};

describe("what is kept of a drill", () => {
  it("has question and answer beside a backup that anyone can read", async () => {
    expect(await recordOf(FOUND, false, [])).toEqual({ ...FOUND, lines: 2 });
  });

  it("has neither of them in the clear beside an encrypted one, and both for who can open that", async () => {
    const identity = await generateX25519Identity();
    const { sealed = "", ...clear } = await recordOf(FOUND, true, [identity]);
    const { id, at, bytes, seconds } = FOUND;
    expect(clear).toEqual({ id, at, bytes, seconds, lines: 2 });
    const right = new Decrypter();
    right.addIdentity(identity);
    const { asked, rows } = FOUND;
    expect(JSON.parse(await right.decrypt(armor.decode(sealed), "text"))).toEqual({ asked, rows });
    const wrong = new Decrypter();
    wrong.addIdentity(await generateX25519Identity());
    await expect(wrong.decrypt(armor.decode(sealed))).rejects.toThrow();
  });
});
