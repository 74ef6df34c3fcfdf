import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Endpoint } from "../../../../registry/endpoint/endpoint.ts";
import type { StoredImage } from "../../../../registry/store/image.ts";
import { TYPE } from "../../../../registry/store/oci.ts";
import { ImageStore } from "../../../../registry/store/store.ts";

const LAYER = "a layer ".repeat(100_000);
const AUTHORIZATION = `Authorization: Basic ${Buffer.from("slipway:p4ss").toString("base64")}`;

let folder: string;
let store: ImageStore;
let image: StoredImage;
let layer: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-endpoint-"));
  store = new ImageStore(folder);
  const draft = await store.draft(Readable.from([Buffer.from(LAYER)]));
  await store.keep(draft);
  layer = draft.digest;
  const config = { mediaType: TYPE.config, ...(await store.write("{}")) };
  const layers = [{ mediaType: TYPE.layer, digest: layer, size: draft.size }];
  const root = { mediaType: TYPE.manifest, ...(await store.write(JSON.stringify({ config, layers }))) };
  const platforms = [{ os: "linux", arch: "amd64", manifest: root, config, layers, diffIds: [layer] }];
  image = { schema: 1, root, index: root.digest, platforms };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Both ends of a stream that is no socket, as an SSH channel is none. */
function streams(): { client: Duplex; server: Duplex } {
  const methods = { setTimeout() {}, setNoDelay() {}, setKeepAlive() {}, ref() {}, unref() {} };
  const end = (other: () => Duplex): Duplex => {
    let isOver = false;
    const over = (done: () => void) => {
      if (!isOver) other().push(null);
      isOver = true;
      done();
    };
    const stream = new Duplex({
      read() {},
      write(data, _encoding, done) {
        other().push(data);
        done();
      },
      final: over,
      destroy: (error, done) => over(() => done(error)),
    });
    return Object.assign(stream, methods);
  };
  const client: Duplex = end(() => server);
  const server: Duplex = end(() => client);
  return { client, server };
}

async function talk(endpoint: Endpoint, sent: string | Buffer): Promise<{ head: string; body: Buffer }> {
  const { client, server } = streams();
  endpoint.accept(server);
  client.write(sent);
  const parts: Buffer[] = [];
  for await (const part of client) parts.push(part as Buffer);
  const all = Buffer.concat(parts);
  const at = all.indexOf("\r\n\r\n");
  return { head: all.subarray(0, at).toString(), body: all.subarray(at + 4) };
}

const get = (path: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", "Connection: close", AUTHORIZATION, ...headers, "", ""].join("\r\n");

describe("a registry without a socket of its own", () => {
  it("answers what is no HTTP with HTTP/1.1 400, so that a client that tried TLS goes on without", async () => {
    const hello = Buffer.concat([
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
      Buffer.alloc(501, 7),
    ]);
    const { head } = await talk(new Endpoint(store, [image], "p4ss"), hello);
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("sends a blob, and counts what it has sent of it", async () => {
    const sent: number[] = [];
    const endpoint = new Endpoint(store, [image], "p4ss", (bytes) => void sent.push(bytes));
    const { head, body } = await talk(endpoint, get(`/v2/slipway/shop/blobs/${layer}`));
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(body.toString()).toBe(LAYER);
    expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBe(LAYER.length);
    expect(endpoint.requests).toBe(1);
  });

  it("sends a part of a blob", async () => {
    const { head, body } = await talk(
      new Endpoint(store, [image], "p4ss"),
      get(`/v2/shop/blobs/${layer}`, "Range: bytes=799990-"),
    );
    expect(head).toContain("206 Partial Content");
    expect(body.toString()).toBe(LAYER.slice(799_990));
  });

  it("compresses a layer that is not compressed for a client that takes gzip", async () => {
    const { head, body } = await talk(
      new Endpoint(store, [image], "p4ss"),
      get(`/v2/shop/blobs/${layer}`, "Accept-Encoding: gzip"),
    );
    expect(head).toContain("Content-Encoding: gzip");
    expect(gunzipSync(unchunked(body)).toString()).toBe(LAYER);
    expect(body.length).toBeLessThan(LAYER.length / 20);
  });

  it("does not count a client without the password as one that got here", async () => {
    const endpoint = new Endpoint(store, [image], "other");
    expect((await talk(endpoint, get("/v2/"))).head).toMatch(/^HTTP\/1\.1 401 /);
    expect(endpoint.requests).toBe(0);
  });

  it("is reached by who has the password, however many connections others hold: those that have waited longest are closed", async () => {
    const endpoint = new Endpoint(store, [image], "p4ss");
    const held = Array.from({ length: 300 }, () => {
      const { server } = streams();
      endpoint.accept(server);
      return server;
    });
    expect(held.findLastIndex(({ destroyed }) => destroyed)).toBe(300 - 256 - 1);
    expect((await talk(endpoint, get(`/v2/shop/blobs/${layer}`))).body.toString()).toBe(LAYER);
  });

  it("closes a connection that has not shown the password in time, whatever it says meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const endpoint = new Endpoint(store, [image], "p4ss");
      const [silent, slow, wrong, right] = [streams(), streams(), streams(), streams()];
      for (const { server } of [silent, slow, wrong, right]) endpoint.accept(server);
      slow.client.write("GET /v2/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
      wrong.client.write("POST /v2/shop/blobs/uploads/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\nmuch");
      right.client.write(get("/v2/").replace("close", "keep-alive"));
      await vi.waitFor(() => expect(endpoint.requests).toBe(1));
      vi.advanceTimersByTime(9_000);
      slow.client.write("still coming");
      expect([silent, slow, wrong, right].map(({ server }) => server.destroyed)).toEqual([false, false, false, false]);
      vi.advanceTimersByTime(2_000);
      expect([silent, slow, wrong, right].map(({ server }) => server.destroyed)).toEqual([true, true, true, false]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(["PUT", "POST", "PATCH", "DELETE"])("refuses %s, with the password and without", async (method) => {
    const endpoint = new Endpoint(store, [image], "p4ss");
    const asked = get(`/v2/shop/blobs/${layer}`).replace("GET", method);
    expect((await talk(endpoint, asked)).head).toMatch(/^HTTP\/1\.1 405 /);
    expect((await talk(endpoint, asked.replace(AUTHORIZATION, "X-None: 1"))).head).toMatch(/^HTTP\/1\.1 401 /);
    expect((await talk(endpoint, get(`/v2/shop/blobs/${layer}`))).body.toString()).toBe(LAYER);
  });

  it("ends the connection if a blob has left the store, and knows why", async () => {
    const digest = `sha256:${"1".repeat(64)}`;
    const lost = { ...image, platforms: image.platforms.map((one) => ({ ...one, config: { ...one.config, digest } })) };
    const { client, server } = streams();
    const endpoint = new Endpoint(store, [lost], "p4ss");
    endpoint.accept(server);
    client.write(get(`/v2/shop/blobs/${digest}`));
    expect(await text(client)).not.toContain("200 OK");
    expect(String(endpoint.failure)).toContain("ENOENT");
  });
});

/** The body of an answer in chunks. */
function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.subarray(at, end).toString(), 16);
    if (size === 0 || Number.isNaN(size)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
