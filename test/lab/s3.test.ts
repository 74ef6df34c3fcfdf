// Of the lab itself.
// @module-tag long
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { AwsClient } from "aws4fetch";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LabS3, startS3 } from "../../lab/s3.ts";

let s3: LabS3;

beforeAll(async () => {
  s3 = await startS3();
}, 600_000);
beforeEach(() => s3.clear());

interface Ask {
  readonly method?: string;
  readonly body?: string;
  /** Sent instead of the signed body. */
  readonly sent?: string;
  readonly secretKey?: string;
}

const PART = 5 * 1024 * 1024;
const sha256 = (of: string) => createHash("sha256").update(of).digest("hex");

/** A signed request, its payload signed, too. @example ask("a.txt", { method: "PUT", body: "hello" }) */
async function ask(path: string, { method = "GET", body = "", sent = body, secretKey = s3.secretKey }: Ask = {}) {
  const client = new AwsClient({ accessKeyId: s3.accessKey, secretAccessKey: secretKey, service: "s3", region: s3.region });
  const url = `${s3.endpoint}/${s3.bucket}/${path}`;
  const headers = { "x-amz-content-sha256": sha256(body) };
  const signed = await client.sign(url, { method, headers, ...(body === "" ? {} : { body }) });
  const ca = await readFile(s3.ca);
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const all = { ...Object.fromEntries(signed.headers), "content-length": String(Buffer.byteLength(sent)) };
    const call = request(url, { method, headers: all, ca, timeout: 20_000 }, (answer) =>
      text(answer).then((content) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: content }), reject),
    );
    call.on("timeout", () => call.destroy(new Error("no answer in 20 s")));
    call.on("error", reject);
    call.end(sent);
  });
}

describe("the object store", () => {
  it("stores objects signed with its key", async () => {
    expect(await ask("db/one.dump", { method: "PUT", body: "hello" })).toMatchObject({ status: 200 });
    expect(await ask("db/one.dump")).toMatchObject({ status: 200, body: "hello" });
    expect(await s3.objects()).toEqual([{ key: "db/one.dump", bytes: 5 }]);
    expect(String(await s3.read("db/one.dump"))).toBe("hello");
    expect((await ask("?list-type=2&prefix=db%2F")).body).toContain("<Key>db/one.dump</Key>");
    expect(await ask("db/one.dump", { method: "DELETE" })).toMatchObject({ status: 204 });
    expect(await s3.objects()).toEqual([]);
  });

  it("refuses the signature of a wrong key, and a payload that differs from the signed one", async () => {
    const forged = await ask("forged", { method: "PUT", body: "hello", secretKey: "another" });
    expect(forged).toMatchObject({ status: 403, body: expect.stringContaining("SignatureDoesNotMatch") });
    const changed = await ask("changed", { method: "PUT", body: "hello", sent: "HELLO" });
    expect(changed).toMatchObject({ status: 400, body: expect.stringContaining("XAmzContentSHA256Mismatch") });
    expect(await s3.objects()).toEqual([]);
  });

  it("accepts a multipart upload, and lists unfinished ones", async () => {
    const begin = async (key: string) => {
      const { body } = await ask(`${key}?uploads=`, { method: "POST" });
      return /<UploadId>([^<]+)</.exec(body)?.[1] ?? "";
    };
    const id = await begin("big");
    const tags: string[] = [];
    for (const [at, part] of ["a".repeat(PART), "b".repeat(PART), "the end"].entries()) {
      const { status, headers } = await ask(`big?partNumber=${at + 1}&uploadId=${id}`, { method: "PUT", body: part });
      expect(status).toBe(200);
      tags.push(`<Part><PartNumber>${at + 1}</PartNumber><ETag>${headers.etag}</ETag></Part>`);
    }
    expect(await s3.objects()).toEqual([]);
    expect(await s3.unfinished()).toBe(1);
    const list = `<CompleteMultipartUpload>${tags.join("")}</CompleteMultipartUpload>`;
    expect(await ask(`big?uploadId=${id}`, { method: "POST", body: list })).toMatchObject({ status: 200 });
    expect(await s3.objects()).toEqual([{ key: "big", bytes: 2 * PART + 7 }]);

    const abandoned = await begin("abandoned");
    await ask(`abandoned?partNumber=1&uploadId=${abandoned}`, { method: "PUT", body: "half" });
    expect(await s3.unfinished()).toBe(1);
    expect(await ask(`abandoned?uploadId=${abandoned}`, { method: "DELETE" })).toMatchObject({ status: 204 });
    expect(await s3.unfinished()).toBe(0);
  });
});
