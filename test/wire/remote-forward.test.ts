import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { connect as tls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Host, Hosts, parseAccess } from "../../hosts/index.ts";
import { Endpoint, ImageStore, type StoredImage } from "../../registry/index.ts";
import { LocalSshd } from "./local-sshd.ts";

/** Larger than what a channel and a socket take without waiting. */
const MUCH = Buffer.alloc(24 * 1024 * 1024, "a layer of an image ");
const LAYER = "application/vnd.oci.image.layer.v1.tar";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

let sshd: LocalSshd;
let strict: LocalSshd;
let hosts: Hosts;
let folder: string;
let store: ImageStore;
let image: StoredImage;

beforeAll(async () => {
  [sshd, strict] = await Promise.all([LocalSshd.start(), LocalSshd.start({ forwards: false })]);
  folder = await mkdtemp(join(tmpdir(), "slipway-forward-"));
  store = new ImageStore(folder);
  const draft = await store.draft(Readable.from([MUCH]));
  await store.keep(draft);
  const layers = [{ mediaType: LAYER, digest: draft.digest, size: draft.size }];
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", ...(await store.write("{}")) };
  const root = { mediaType: MANIFEST, ...(await store.write(JSON.stringify({ schemaVersion: 2, config, layers }))) };
  image = {
    schema: 1,
    root,
    index: root.digest,
    platforms: [{ os: "linux", arch: "amd64", manifest: root, config, layers, diffIds: [draft.digest] }],
  };
});
afterEach(() => hosts.close());
afterAll(async () => {
  await Promise.all([sshd.stop(), strict.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function hostAt(server: LocalSshd): Host {
  const access = { agent: false, config: false, known_hosts: [], key_data: [server.user.privateKey] };
  hosts = new Hosts(parseAccess(JSON.stringify(access), {}));
  return hosts.at({ name: "web-1", address: "127.0.0.1", port: server.port, user: "deploy", hostKey: server.hostKey });
}

/** The port on the host behind which the images are. */
async function served(host: Host, wanted = 0): Promise<number> {
  const endpoint = new Endpoint(store, [image], "p4ss");
  const port = await host.listen(wanted, (stream) => endpoint.accept(stream));
  if (port === undefined) throw new Error("the host does not listen");
  return port;
}

async function ask(port: number, path: string, password = "p4ss"): Promise<{ status: number; body: Buffer }> {
  const request = get({ host: "127.0.0.1", port, path, auth: `slipway:${password}`, agent: false });
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: await buffer(answer) };
}

describe("a registry behind a port of the host", () => {
  it("sends every byte of a layer, to several clients at once", async () => {
    const port = await served(hostAt(sshd));
    const path = `/v2/slipway/shop/blobs/${image.platforms[0]?.layers[0]?.digest}`;
    const answers = await Promise.all([1, 2, 3].map(() => ask(port, path)));
    expect(answers.map(({ status, body }) => [status, body.equals(MUCH)])).toEqual([1, 2, 3].map(() => [200, true]));
  });

  it("refuses another user of the host, who has no password", async () => {
    const port = await served(hostAt(sshd));
    expect((await ask(port, `/v2/slipway/shop/manifests/${image.root.digest}`, "guess")).status).toBe(401);
  });

  it("answers a TLS hello with HTTP, which is what makes Docker go on without TLS", async () => {
    const port = await served(hostAt(sshd));
    const socket = tls({ host: "127.0.0.1", port, rejectUnauthorized: false });
    const [error] = await once(socket, "error").catch((thrown: unknown) => [thrown]);
    // OpenSSL saw the letters HTTP where the header of a record should be.
    expect(String((error as { code?: string }).code)).toMatch(/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/);
  });

  it("answers others while it sends", async () => {
    const host = hostAt(sshd);
    const port = await served(host);
    const sending = ask(port, `/v2/slipway/shop/blobs/${image.platforms[0]?.layers[0]?.digest}`);
    const manifest = await ask(port, `/v2/slipway/shop/manifests/${image.root.digest}`);
    expect(manifest.status).toBe(200);
    expect((await sending).body.length).toBe(MUCH.length);
  });

  it("is on the port that was asked for, unless that is in use", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const host = hostAt(sshd);
    expect(await host.listen(port, () => {})).toBeUndefined();
    taken.close();
    await once(taken, "close");
    expect(await served(host, port)).toBe(port);
  });

  it("is not there where the host forwards nothing", async () => {
    const host = hostAt(strict);
    expect(await host.listen(0, () => {})).toBeUndefined();
    expect(host.lastLoss).toBeUndefined();
  });

  it("ends with its connection", async () => {
    const host = hostAt(sshd);
    const port = await served(host);
    await host.close();
    await expect(ask(port, "/v2/")).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
  });
});
