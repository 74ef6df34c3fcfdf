import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import { confirmTag } from "../../../registry/index.ts";

const [OLD, NEW, AMD64] = ["04bd", "9f31", "77c2"].map((word) => `sha256:${word.repeat(16)}`) as [string, string, string];
const INDEX = { manifests: [{ digest: AMD64 }, { digest: `sha256:${"0".repeat(64)}` }] };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A registry on loopback with one tag, `v3`, which is the index NEW. */
async function aRegistry(code = 200): Promise<{ server: string; asked: string[] }> {
  const asked: string[] = [];
  const http = createServer(({ method, url = "" }, response) => {
    asked.push(`${method} ${url}`);
    if (url.endsWith("/v3")) response.writeHead(code, { "docker-content-digest": NEW });
    else response.writeHead(404);
    response.end(method === "GET" ? JSON.stringify(INDEX) : undefined);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return { server: `127.0.0.1:${(http.address() as AddressInfo).port}`, asked };
}

it("confirms a tag whose digest is written, with one request", async () => {
  const { server, asked } = await aRegistry();
  expect(await confirmTag(`${server}/shop:v3@${NEW}`, undefined)).toBeUndefined();
  expect(asked).toEqual(["HEAD /v2/shop/manifests/v3"]);
});

it("confirms the digest of one platform of the tag's index", async () => {
  const { server } = await aRegistry();
  expect(await confirmTag(`${server}/shop:v3@${AMD64}`, undefined)).toBeUndefined();
});

it("finds that the tag is a different image", async () => {
  const { server } = await aRegistry();
  expect(await confirmTag(`${server}/shop:v3@${OLD}`, undefined)).toEqual({
    image: `${server}/shop:v3`,
    digest: OLD,
    now: { kind: "different", digest: NEW },
  });
});

it("does not take a tag that the registry has lost for a different image", async () => {
  const { server } = await aRegistry();
  const lost = await confirmTag(`${server}/shop:v1@${OLD}`, undefined);
  expect(lost).toEqual({ image: `${server}/shop:v1`, digest: OLD, now: { kind: "missing" } });
});

it("says why the registry did not answer, and does not fail", async () => {
  const { server } = await aRegistry(500);
  const busy = await confirmTag(`${server}/shop:v3@${OLD}`, undefined, Deadline.in(0.2));
  expect(busy?.now).toEqual({ kind: "unknown", because: `could not read the digest of ${server}/shop:v3` });
  const silent = await confirmTag(`127.0.0.1:1/shop:v3@${OLD}`, undefined, Deadline.in(0.2));
  expect(silent?.now).toEqual({ kind: "unknown", because: "the registry 127.0.0.1:1 cannot be reached from this machine" });
});

it("asks nothing for a tag alone or a digest alone", async () => {
  const { server, asked } = await aRegistry();
  expect(await confirmTag(`${server}/shop:v3`, undefined)).toBeUndefined();
  expect(await confirmTag(`${server}/shop@${OLD}`, undefined)).toBeUndefined();
  expect(asked).toEqual([]);
});
