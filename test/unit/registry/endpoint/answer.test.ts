import { describe, expect, it } from "vitest";
import { type Asked, answerOf, type Served } from "../../../../registry/endpoint/answer.ts";
import { digestOf, TYPE } from "../../../../registry/store/oci.ts";

const manifest = { mediaType: TYPE.manifest, digest: digestOf("manifest"), size: 400 };
const plain = { mediaType: TYPE.layer, digest: digestOf("layer"), size: 1000 };
const zipped = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf("zipped"), size: 500 };
const served: Served = {
  password: "p4ss",
  manifests: new Map([[manifest.digest, manifest]]),
  blobs: new Map([manifest, plain, zipped].map((blob) => [blob.digest, blob])),
};
const login = (password: string) => `Basic ${Buffer.from(`slipway:${password}`).toString("base64")}`;

const ask = (url: string, headers: Asked["headers"] = {}, method = "GET") =>
  answerOf({ method, url, headers: { authorization: login("p4ss"), ...headers } }, served);
const blob = ({ digest }: { digest: string }) => `/v2/slipway/shop/blobs/${digest}`;

describe("the login", () => {
  it.each([undefined, "Basic", login(""), login("p4ss2"), login("p4s"), "Bearer p4ss"])(
    "is refused with a challenge for %s",
    (authorization) => {
      const { status, headers } = ask("/v2/", { authorization });
      expect(status).toBe(401);
      expect(headers["WWW-Authenticate"]).toBe('Basic realm="slipway"');
      expect(headers["Docker-Distribution-Api-Version"]).toBe("registry/2.0");
    },
  );

  it("is required for every path", () => {
    const paths = [blob(plain), `/v2/shop/manifests/${manifest.digest}`, "/", "/v2/_catalog"];
    expect(paths.map((path) => ask(path, { authorization: undefined }).status)).toEqual([401, 401, 401, 401]);
  });

  it("with the password of the run opens /v2/", () => {
    expect(ask("/v2/")).toMatchObject({ status: 200, headers: { "Docker-Distribution-Api-Version": "registry/2.0" } });
  });
});

describe("a manifest", () => {
  it("is given by its digest under any name, with its own type, its length and its digest", () => {
    const answer = ask(`/v2/slipway/shop/manifests/${manifest.digest}`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "Content-Type": TYPE.manifest,
      "Content-Length": "400",
      "Docker-Content-Digest": manifest.digest,
    });
    expect(answer.body).toEqual({ blob: manifest });
  });

  it("is only described for HEAD", () => {
    const answer = ask(`/v2/slipway/shop/manifests/${manifest.digest}`, {}, "HEAD");
    expect(answer).toMatchObject({ status: 200, headers: { "Content-Length": "400" } });
    expect(answer.body).toBeUndefined();
  });

  it.each(["latest", `sha256-${"0".repeat(64)}`, plain.digest, `sha256:${"0".repeat(64)}`])(
    "does not exist as %s",
    (reference) => {
      expect(ask(`/v2/slipway/shop/manifests/${reference}`)).toMatchObject({ status: 404 });
      expect(ask(`/v2/slipway/shop/manifests/${reference}`).body).toContain("MANIFEST_UNKNOWN");
    },
  );
});

describe("a blob", () => {
  it("is given as it is", () => {
    expect(ask(blob(plain))).toMatchObject({ status: 200, headers: { "Content-Length": "1000" }, body: { blob: plain } });
  });

  it.each([
    ["bytes=0-", 0, 999],
    ["bytes=400-", 400, 999],
    ["bytes=400-499", 400, 499],
    ["bytes=999-5000", 999, 999],
  ])("from %s is a part of it with its place in the total", (range, start, end) => {
    const answer = ask(blob(plain), { range, "accept-encoding": "gzip" });
    expect(answer.status).toBe(206);
    expect(answer.headers).toMatchObject({
      "Content-Range": `bytes ${start}-${end}/1000`,
      "Content-Length": String(end - start + 1),
    });
    expect(answer.headers["Content-Encoding"]).toBeUndefined();
    expect(answer.body).toEqual({ blob: plain, range: { start, end } });
  });

  it.each(["bytes=1000-", "bytes=7-3"])("has no part %s", (range) => {
    expect(ask(blob(plain), { range })).toMatchObject({ status: 416, headers: { "Content-Range": "bytes */1000" } });
  });

  it("is given completely for a range of another form", () => {
    expect(ask(blob(plain), { range: "bytes=-100" })).toMatchObject({ status: 200, body: { blob: plain } });
  });

  it.each(["gzip", "zstd;q=1.0, gzip;q=0.8, deflate;q=0.5", "deflate, GZIP"])(
    "that is not compressed is compressed for %s",
    (accepted) => {
      const { status, headers, body } = ask(blob(plain), { "accept-encoding": accepted });
      expect(status).toBe(200);
      expect(headers["Content-Encoding"]).toBe("gzip");
      expect(headers["Content-Length"]).toBeUndefined();
      expect(body).toEqual({ blob: plain, gzip: true });
    },
  );

  it.each([undefined, "identity", "gzip;q=0", "br"])("that is not compressed stays so for %s", (accepted) => {
    const { headers } = ask(blob(plain), { "accept-encoding": accepted });
    expect(headers["Content-Encoding"]).toBeUndefined();
    expect(headers["Content-Length"]).toBe("1000");
  });

  it("that is compressed already is sent as it is", () => {
    expect(ask(blob(zipped), { "accept-encoding": "gzip" }).headers["Content-Encoding"]).toBeUndefined();
  });

  it("that is no part of the image does not exist, though the store may have it", () => {
    expect(ask(blob({ digest: digestOf("of another image") }))).toMatchObject({ status: 404 });
  });
});

describe("anything else", () => {
  it("about referrers is that there are none", () => {
    expect(ask(`/v2/slipway/shop/referrers/${manifest.digest}`).status).toBe(404);
  });

  it.each(["PUT", "POST", "PATCH", "DELETE"])("that would change something is refused: %s", (method) => {
    expect(ask(blob(plain), {}, method).status).toBe(405);
  });
});
